//! Not yet there.

texts! {}
