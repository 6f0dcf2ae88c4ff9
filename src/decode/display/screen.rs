//! What a customer display shows: a few rows of character cells and a cursor.
//!
//! Real displays have 2 rows of 20. A full stop, comma or semicolon may share the cell of the character
//! before it.

/// Cells of a row, at most: the longest running message is 45 characters.
const ROW_MAX: usize = 64;

/// Stands in the second cell of a character that is two cells wide.
const REST: char = '\0';

/// What happens at the end of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mode {
    /// The next row, and after the last one the first again.
    #[default]
    Overwrite,
    /// The rows move up.
    Vertical,
    /// The row moves left.
    Horizontal,
}

/// One character with the sign that shares its place.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Cell {
    c: char,
    mark: Option<char>,
}

const BLANK: Cell = Cell { c: ' ', mark: None };

/// See the module's doc.
pub(super) struct Screen {
    rows: Vec<Vec<Cell>>,
    columns: usize,
    row: usize,
    column: usize,
    pub mode: Mode,
    changed: bool,
}

impl Screen {
    /// A blank screen of at least one cell.
    pub fn new(rows: usize, columns: usize) -> Self {
        let columns = columns.clamp(1, ROW_MAX);
        Self {
            rows: vec![vec![BLANK; columns]; rows.clamp(1, 8)],
            columns,
            row: 0,
            column: 0,
            mode: Mode::Overwrite,
            changed: false,
        }
    }

    /// The rows that are not blank, as they read.
    pub fn lines(&self) -> Vec<String> {
        let text = |row: &Vec<Cell>| {
            let shown = row.iter().filter(|cell| cell.c != REST);
            let text: String = shown.flat_map(|cell| [Some(cell.c), cell.mark]).flatten().collect();
            text.trim_end().to_owned()
        };
        self.rows.iter().map(text).filter(|text| !text.is_empty()).collect()
    }

    /// Whether anything looks different since the last call.
    pub fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// Shows a character at the cursor and moves on.
    pub fn put(&mut self, c: char, wide: bool, mark: Option<char>) {
        if self.rows.get(self.row).is_some_and(|row| self.columns < row.len()) {
            // A running message ends with the next character.
            self.replace(self.row, vec![BLANK; self.columns]);
        }
        self.make_room();
        self.set(Cell { c, mark });
        self.advance();
        if wide {
            self.make_room();
            self.set(Cell { c: REST, mark: None });
            self.advance();
        }
    }

    /// Shows `text` as a whole row, from its first cell on. A running message may be longer than the row.
    pub fn put_row(&mut self, row: usize, text: impl Iterator<Item = char>, running: bool) {
        let most = if running { ROW_MAX } else { self.columns };
        let mut cells: Vec<Cell> = text.take(most).map(|c| Cell { c, mark: None }).collect();
        cells.resize(cells.len().max(self.columns), BLANK);
        self.replace(row, cells);
        (self.row, self.column) = (row.min(self.rows.len() - 1), 0);
    }

    /// Blanks everything; the cursor goes home.
    pub fn clear(&mut self) {
        for row in 0..self.rows.len() {
            self.replace(row, vec![BLANK; self.columns]);
        }
        self.home();
    }

    /// Blanks the cursor's row.
    pub fn clear_row(&mut self) {
        self.replace(self.row, vec![BLANK; self.columns]);
        self.column = 0;
    }

    pub fn home(&mut self) {
        (self.row, self.column) = (0, 0);
    }

    /// The last cell of the last row.
    pub fn bottom(&mut self) {
        (self.row, self.column) = (self.rows.len() - 1, self.columns - 1);
    }

    pub fn leftmost(&mut self) {
        self.column = 0;
    }

    pub fn rightmost(&mut self) {
        self.column = self.columns - 1;
    }

    /// To a cell, counted from 0, if there is one.
    pub fn go_to(&mut self, column: usize, row: usize) {
        if column < self.columns && row < self.rows.len() {
            (self.row, self.column) = (row, column);
        }
    }

    /// To a cell, counted from 0 through all rows.
    pub fn go_to_cell(&mut self, cell: usize) {
        self.go_to(cell % self.columns, cell / self.columns);
    }

    pub fn left(&mut self) {
        if 0 < self.column {
            self.column = self.column.min(self.columns) - 1;
        } else {
            self.up();
            self.rightmost();
        }
    }

    pub fn right(&mut self) {
        self.advance();
        if self.columns <= self.column {
            self.column = 0;
            self.down();
        }
    }

    pub fn up(&mut self) {
        self.row = if self.row == 0 { self.rows.len() - 1 } else { self.row - 1 };
    }

    pub fn down(&mut self) {
        if self.row + 1 < self.rows.len() {
            self.row += 1;
        } else if self.mode == Mode::Vertical {
            self.scroll_up();
        } else {
            self.row = 0;
        }
    }

    /// The cursor moves on by one cell. Behind the last cell of a row it waits for the next character: a line
    /// end that comes instead ends this row, not the next.
    fn advance(&mut self) {
        self.column = self.column.min(self.columns - 1) + 1;
    }

    /// Makes room if the cursor waits behind the last cell of a row.
    fn make_room(&mut self) {
        if self.column < self.columns {
            return;
        }
        if self.mode == Mode::Horizontal {
            let mut cells = self.rows.get(self.row).cloned().unwrap_or_default();
            cells.rotate_left(1);
            self.replace(self.row, cells);
            self.rightmost();
        } else {
            self.column = 0;
            self.down();
        }
    }

    fn scroll_up(&mut self) {
        self.changed |= self.rows.iter().flatten().any(|cell| *cell != BLANK);
        self.rows.rotate_left(1);
        if let Some(last) = self.rows.last_mut() {
            *last = vec![BLANK; self.columns];
        }
    }

    fn set(&mut self, cell: Cell) {
        let slot = self.rows.get_mut(self.row).and_then(|row| row.get_mut(self.column));
        if let Some(slot) = slot
            && *slot != cell
        {
            *slot = cell;
            self.changed = true;
        }
    }

    fn replace(&mut self, row: usize, cells: Vec<Cell>) {
        if let Some(slot) = self.rows.get_mut(row)
            && *slot != cells
        {
            *slot = cells;
            self.changed = true;
        }
    }
}
