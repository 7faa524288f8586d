-- One order as one call of the procedure.
\set a random(1, :skus)
\set b random(1, :skus)
\set sku1 least(:a, :b)
\set sku2 greatest(:a, :b)
\set loc random(1, :locations)
\set n random(1, 1000000000)
SELECT public.place_order(:sku1, :sku2, :loc, :n);
