//! Settings from one file and the environment, all faults told at once; the only reader of the environment.
