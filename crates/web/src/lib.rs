//! The pages: one file a page with route, view and handler.
