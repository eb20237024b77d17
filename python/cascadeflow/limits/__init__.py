"""How often and how much each person may ask."""

from .rate_limiter import RateLimiter, RateLimitError, RateLimitState

__all__ = ["RateLimitError", "RateLimitState", "RateLimiter"]
