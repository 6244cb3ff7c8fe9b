"""The field's nouns and rules. Standard library only; knows nothing of HTTP, FHIR or SQL."""
