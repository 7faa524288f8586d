"""HTTP: one thin file per area. ``errors.py`` is the only map from an error type to a status."""
