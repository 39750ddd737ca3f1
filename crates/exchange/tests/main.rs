//! Tests of files in and out, one module a feature.

#![cfg(test)]

mod docx_in;
mod exact_text;
mod hostile;
mod html_in;
mod package;
mod pages_in;
mod report_page;
mod workbook_in;
mod workbook_out;
mod workbook_stream;
