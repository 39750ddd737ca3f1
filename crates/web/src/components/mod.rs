//! Components: one file each, plain structures in, markup out. `/dev/components` shows all states.

mod address;
mod batch_bar;
mod comparison;
mod count_tabs;
mod data_table;
mod date_field;
mod decision;
mod dialog;
mod empty_state;
mod error_summary;
mod field;
mod file_list;
mod filter_bar;
mod icon;
mod job_progress;
mod key_figure;
mod layout;
mod light;
mod masked_value;
mod notice;
mod page_head;
mod paging;
mod picker;
mod progress_bar;
mod side_menu;
mod simple_table;
mod steps;
mod tag;
mod timeline;
mod top_bar;
mod undo_bar;

pub use address::Address;
pub use batch_bar::{BatchAct, batch_bar};
pub use comparison::{Compared, comparison};
pub use count_tabs::{CountTab, count_tabs};
pub use data_table::{Column, row_box, table_head, wide_table};
pub use date_field::date_field;
pub use decision::{Decision, decision_card, decision_of};
pub use dialog::{Dialog, dialog};
pub use empty_state::{Empty, empty_state};
pub use error_summary::error_summary;
pub use field::{
    Errors, Field, area_field, check_field, choice_field, file_field, form_open, hidden,
    input_field, key_field, select_field, tokens, upload_form,
};
pub use file_list::{FileRow, file_list, file_size};
pub use filter_bar::{Chip, FilterBar, FilterField, filter_bar};
pub use icon::{icon, sprite};
pub use job_progress::{Job, job_progress};
pub use key_figure::{KeyFigure, key_figures};
pub(crate) use layout::page_with;
pub use layout::{Menu, bare_page, page};
pub use light::{Light, light, row_class};
pub use masked_value::masked_value;
pub use notice::{Tone, notice};
pub use page_head::{PageHead, page_head};
pub use paging::{Paging, paging};
pub use picker::{Choice, many_picker, one_picker};
pub use progress_bar::progress_bar;
pub(crate) use side_menu::{all_entries, first_page};
pub use simple_table::{dense_table, simple_table};
pub use steps::wizard_steps;
pub use tag::tag;
pub use timeline::{TimelineEntry, timeline};
pub(crate) use top_bar::search_box;
pub use undo_bar::undo_bar;
