//! The log of evidence from outside: receipts, what anyone may read, and what an auditor finds when it was tampered with.

mod consent_receipts;
mod receipts;
mod signed;
mod tampering;
mod witnesses;
