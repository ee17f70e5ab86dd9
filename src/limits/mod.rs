//! Rate plans, what a call is charged, and the RateLimit fields.
