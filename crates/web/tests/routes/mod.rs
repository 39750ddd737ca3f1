//! One file a page or concern.

mod by_hand;
mod care;
mod every_page;
mod forms;
mod import;
mod issues;
mod letters;
mod register;
mod sign_in;
mod users;
