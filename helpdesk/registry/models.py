"""Tables of the KPJ registry."""
