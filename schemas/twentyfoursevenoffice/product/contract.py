"""The operations of ProductService, in the order of the contract."""

from __future__ import annotations

from typing import Final

from schemas.twentyfoursevenoffice.contract import Operation, ServiceContract
from schemas.twentyfoursevenoffice.product import messages as m

PRODUCT_SERVICE: Final = ServiceContract(
    "ProductService",
    "/Logistics/Product/V001/ProductService.asmx",
    (
        Operation(
            "SetStockQuantity",
            "Sets the stock of a product. Returns whether it succeeded.",
            m.SetStockQuantity,
            m.SetStockQuantityResponse,
        ),
        Operation("GetProducts", "Gets products by search parameters.", m.GetProducts, m.GetProductsResponse),
        Operation(
            "SaveProducts",
            "Saves products, and returns them with their id, or with an APIException if an error happened.",
            m.SaveProducts,
            m.SaveProductsResponse,
        ),
        Operation("DeleteProducts", "Deletes products, and returns them.", m.DeleteProducts, m.DeleteProductsResponse),
        Operation("GetPriceList", "Gets the prices of a price list.", m.GetPriceList, m.GetPriceListResponse),
        Operation(
            "GetAllPriceLists",
            "Gets all price lists, without their prices.",
            m.GetAllPriceLists,
            m.GetAllPriceListsResponse,
        ),
        Operation("GetCategories", "Gets all categories of products.", m.GetCategories, m.GetCategoriesResponse),
        Operation(
            "SaveCategories",
            "Saves categories of products, and returns them with their id, or with an APIException if an error happened.",
            m.SaveCategories,
            m.SaveCategoriesResponse,
        ),
        Operation(
            "GetDiscountMatrixPriceGroup",
            "Gets the discounts by price group.",
            m.GetDiscountMatrixPriceGroup,
            m.GetDiscountMatrixPriceGroupResponse,
        ),
        Operation(
            "GetDiscountMatrixCategory",
            "Gets the discounts by category of products.",
            m.GetDiscountMatrixCategory,
            m.GetDiscountMatrixCategoryResponse,
        ),
    ),
)
