"""Recommendations for any Django shop: the base app of django-crosssell."""
