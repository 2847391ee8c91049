"""Arithmetic of promotions: values in, values out, no Django."""
