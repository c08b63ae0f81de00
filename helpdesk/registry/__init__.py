"""RECORDS: the KPJ registry, how it is filled and by which keys it is read."""
