//! One file a page or concern.

mod every_page;
mod forms;
mod issues;
mod letters;
mod sign_in;
mod users;
