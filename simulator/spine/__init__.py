"""The national services around the practice: proxy, directories, demographics, and the TLS they speak."""
