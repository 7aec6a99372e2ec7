"""The operations of ProductService, in the order of the contract."""

from __future__ import annotations

from typing import Final

from schemas.twentyfoursevenoffice.contract import Operation, ServiceContract
from schemas.twentyfoursevenoffice.product import messages as m

PRODUCT_SERVICE: Final = ServiceContract(
    "ProductService",
    "/Logistics/Product/V001/ProductService.asmx",
    (
        Operation("SetStockQuantity", "Set stock quantity.", m.SetStockQuantity, m.SetStockQuantityResponse),
        Operation("GetProducts", "Get products.", m.GetProducts, m.GetProductsResponse),
        Operation("SaveProducts", "Save products.", m.SaveProducts, m.SaveProductsResponse),
        Operation("DeleteProducts", "Delete products.", m.DeleteProducts, m.DeleteProductsResponse),
        Operation("GetPriceList", "Get price list.", m.GetPriceList, m.GetPriceListResponse),
        Operation("GetAllPriceLists", "Get all price lists.", m.GetAllPriceLists, m.GetAllPriceListsResponse),
        Operation("GetCategories", "Get categories.", m.GetCategories, m.GetCategoriesResponse),
        Operation("SaveCategories", "Save categories.", m.SaveCategories, m.SaveCategoriesResponse),
        Operation(
            "GetDiscountMatrixPriceGroup",
            "Get discount matrix price group.",
            m.GetDiscountMatrixPriceGroup,
            m.GetDiscountMatrixPriceGroupResponse,
        ),
        Operation(
            "GetDiscountMatrixCategory",
            "Get discount matrix category.",
            m.GetDiscountMatrixCategory,
            m.GetDiscountMatrixCategoryResponse,
        ),
    ),
)
