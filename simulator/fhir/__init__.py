"""Between the domain and FHIR STU3. Knows nothing of HTTP or SQL."""
