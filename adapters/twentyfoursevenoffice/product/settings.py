"""The choices that the facts leave open about ProductService."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, field_validator

from adapters.twentyfoursevenoffice.choices import STRICT, refuse_unknown_properties
from schemas.twentyfoursevenoffice.product.types import Product


class ProductChoices(BaseModel):
    """A part of the dialect's settings.

    product_default_properties: what a Product shows when a call names no properties (PR-14).
    no_filter_products: what GetProducts without a filter does (PR-18).
    unknown_category: whether a product or category may name a category that does not exist (PR-10 is silent).
    """

    model_config = STRICT

    product_default_properties: tuple[str, ...] = ("Id", "Name", "No")
    no_filter_products: Literal["fault", "all"] = "fault"
    unknown_category: Literal["accept", "refuse"] = "accept"

    @field_validator("product_default_properties")
    @classmethod
    def _known_properties(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        refuse_unknown_properties(Product, value)
        return value
