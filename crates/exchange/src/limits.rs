//! Every limit on what may come in, in one place (`engineering/reliability.md` §5).

/// One mebibyte in bytes.
const MIB: u64 = 1024 * 1024;

/// Limits on one incoming file. [`Limits::default`] is what the product runs with; tests set
/// single fields lower.
///
/// # Example
/// ```
/// let limits = taizhang_exchange::Limits::default();
/// assert_eq!(limits.container_bytes, 20 * 1024 * 1024);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Packed size of a docx, xlsx or ofd container, bytes.
    pub container_bytes: u64,
    /// Entries in a container.
    pub container_entries: usize,
    /// Bytes a container may inflate to, counted while reading.
    pub inflated_bytes: u64,
    /// Inflated bytes per packed byte of one entry …
    pub ratio: u64,
    /// … once the entry has inflated to more than this, bytes.
    pub ratio_free_bytes: u64,
    /// Nesting of XML elements.
    pub xml_depth: usize,
    /// Attributes on one tag.
    pub xml_attributes: usize,
    /// Bytes of one tag, text run, comment or section.
    pub xml_token_bytes: usize,
    /// Elements in one XML part that is held as a tree. A tree node costs about a hundred bytes,
    /// so this bounds memory near 200 MiB.
    pub xml_elements: usize,
    /// Size of a PDF, bytes.
    pub pdf_bytes: u64,
    /// Pages of a PDF or OFD.
    pub pages: usize,
    /// Nesting of form objects in a PDF.
    pub pdf_nesting: usize,
    /// Content operators of one PDF, all pages together.
    pub pdf_operators: usize,
    /// Size of a plain text, HTML, CSV, .doc or .wps file, bytes.
    pub text_bytes: u64,
    /// Text handed on, bytes.
    pub output_bytes: usize,
    /// Rows of one sheet.
    pub sheet_rows: usize,
    /// Columns of one sheet.
    pub sheet_columns: usize,
    /// Cells of one workbook.
    pub workbook_cells: usize,
    /// Characters of one cell.
    pub cell_characters: usize,
    /// Inflated size of the shared string table, bytes.
    pub shared_strings_bytes: u64,
    /// Seconds LibreOffice may take for one file.
    pub office_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            container_bytes: 20 * MIB,
            container_entries: 500,
            inflated_bytes: 300 * MIB,
            ratio: 100,
            ratio_free_bytes: 100 * 1024,
            xml_depth: 64,
            xml_attributes: 256,
            xml_token_bytes: 1024 * 1024,
            xml_elements: 2_000_000,
            pdf_bytes: 50 * MIB,
            pages: 500,
            pdf_nesting: 8,
            pdf_operators: 5_000_000,
            text_bytes: 20 * MIB,
            output_bytes: 64 * 1024 * 1024,
            sheet_rows: 200_000,
            sheet_columns: 200,
            workbook_cells: 5_000_000,
            cell_characters: 32_767,
            shared_strings_bytes: 64 * MIB,
            office_seconds: 60,
        }
    }
}

impl Limits {
    /// Size of an .xls workbook, bytes, whatever other limits say: its library holds all cells at
    /// once, a hundred bytes and more for each of fourteen in the file.
    pub const XLS_BYTES_MAX: u64 = 20 * MIB;

    /// Limits for workbooks of a register, which are streamed and so may be larger than what is
    /// held: 100 MiB packed, 1 GiB inflated, 15 million cells. Not so those of the old format.
    #[must_use]
    pub fn register() -> Self {
        Self {
            container_bytes: 100 * MIB,
            inflated_bytes: 1024 * MIB,
            text_bytes: 100 * MIB,
            sheet_rows: 400_000,
            workbook_cells: 15_000_000,
            ..Self::default()
        }
    }
}
