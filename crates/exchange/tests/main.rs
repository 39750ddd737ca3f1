//! Tests of files in and out.

mod report_page;
