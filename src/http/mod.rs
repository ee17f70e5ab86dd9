//! The edge: parse and render; `actix-web` types stay in here.
