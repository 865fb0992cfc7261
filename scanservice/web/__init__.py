"""The FastAPI application: API, upload page, review pages."""
