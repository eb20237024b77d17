use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, Table};

use super::Terminal;

/// A table in the house look: bold heads, numbers to the right.
pub(crate) struct TableView {
    table: Table,
}

impl TableView {
    /// A table with `columns`: the head of each, and whether it holds numbers.
    pub(crate) fn new(terminal: &Terminal, columns: &[(&str, bool)]) -> Self {
        let mut table = Table::new();
        table.load_style(UTF8_FULL_CONDENSED.with_rounded_corners());
        if terminal.out_is_screen {
            // Only a screen has a width to arrange for; a file takes lines of any length.
            table.set_content_arrangement(ContentArrangement::Dynamic);
            if let Some(width) = Table::new().width() {
                table.set_width(width);
            }
        }
        if terminal.paint().enabled() {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        table.set_header(
            columns.iter().map(|(head, _)| Cell::new(head).add_attribute(Attribute::Bold)),
        );
        for (index, (_, numeric)) in columns.iter().enumerate() {
            if let Some(column) = table.column_mut(index).filter(|_| *numeric) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        Self { table }
    }

    /// Adds a row of plain cells.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.table.add_row(cells.into_iter().map(Cell::new));
    }

    /// Adds a row whose cell at `position` has a colour: green where `good`, else yellow.
    pub(crate) fn row_marked(
        &mut self,
        cells: impl IntoIterator<Item = String>,
        position: usize,
        good: bool,
    ) {
        let colour = if good { Color::Green } else { Color::Yellow };
        self.table.add_row(cells.into_iter().enumerate().map(|(index, text)| {
            let cell = Cell::new(text);
            if index == position { cell.fg(colour) } else { cell }
        }));
    }

    /// Adds a row in bold, such as a total.
    pub(crate) fn total(&mut self, cells: impl IntoIterator<Item = String>) {
        self.table
            .add_row(cells.into_iter().map(|text| Cell::new(text).add_attribute(Attribute::Bold)));
    }

    /// The table as text, without a last line break.
    pub(crate) fn render(&self) -> String {
        self.table.to_string()
    }
}
