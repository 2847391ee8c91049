"""Product pictures drawn as SVG: no photographs to licence, nothing to upload, always the same."""

from shop.pictures.drawing import category_svg, category_url, picture_svg, picture_url

__all__ = ["category_svg", "category_url", "picture_svg", "picture_url"]
