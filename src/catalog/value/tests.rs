//! Contents as backends write them.
