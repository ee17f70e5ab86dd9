//! The pretend government on the other side of the wire: the real protocols over HTTP, made-up people.
