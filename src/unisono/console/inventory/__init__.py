"""The pages of stock: SKUs with what there is of them, one SKU, one SKU at a location."""

from unisono.console.area import Pages
from unisono.console.inventory import level, listing, sku

pages = Pages(
    name="inventory",
    routes=(
        listing.list_stock,
        sku.show_sku,
        level.show_level,
        level.count_level,
        level.adjust_level,
    ),
)
