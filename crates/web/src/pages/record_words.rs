//! Not yet there.
