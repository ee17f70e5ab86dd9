//! TLS as `serve` speaks it: what is negotiated, who may show a certificate, and whose word about one is taken.

mod handshake;
mod mutual;
mod serving;
