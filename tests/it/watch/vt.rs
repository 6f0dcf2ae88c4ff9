//! A terminal's screen, as far as `tillgate watch` uses one. Bytes in, rows of text out.
//!
//! It knows what real ones do behind the last column: the cursor stays on it until the next character, and erasing
//! the rest of the line then erases that one. Whatever leaves the screen is counted.

pub struct Vt {
    cells: Vec<Vec<char>>,
    row: usize,
    column: usize,
    /// Stands behind the last column.
    full: bool,
    pending: Vec<u8>,
    pub alternate: bool,
    pub cursor: bool,
    /// Times that text ran into the next row, or the screen scrolled.
    pub left_bounds: usize,
}

impl Vt {
    pub fn new(rows: usize, columns: usize) -> Self {
        let cells = vec![vec![' '; columns]; rows];
        let pending = Vec::new();
        Self {
            cells,
            row: 0,
            column: 0,
            full: false,
            pending,
            alternate: false,
            cursor: true,
            left_bounds: 0,
        }
    }

    pub fn resize(&mut self, rows: usize, columns: usize) {
        self.cells.resize(rows, Vec::new());
        self.cells.iter_mut().for_each(|row| row.resize(columns, ' '));
        (self.row, self.column) = (self.row.min(rows - 1), self.column.min(columns - 1));
    }

    pub fn text(&self) -> String {
        let row = |row: &Vec<char>| row.iter().collect::<String>().trim_end().to_owned();
        self.cells.iter().map(row).collect::<Vec<_>>().join("\n")
    }

    pub fn feed(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
        let text = match String::from_utf8(std::mem::take(&mut self.pending)) {
            Ok(text) => text,
            Err(error) => {
                let good = error.utf8_error().valid_up_to();
                let bytes = error.into_bytes();
                self.pending = bytes[good..].to_vec();
                String::from_utf8(bytes[..good].to_vec()).unwrap()
            }
        };
        let mut rest = text.as_str();
        while let Some(c) = rest.chars().next() {
            let length = match c {
                '\x1b' => match rest[2.min(rest.len())..].find(|c: char| c.is_ascii_alphabetic()) {
                    Some(end) => {
                        self.command(&rest[2..2 + end], rest.as_bytes()[2 + end]);
                        end + 3
                    }
                    // The rest of it is still to come.
                    None => {
                        self.pending.splice(0..0, rest.bytes());
                        return;
                    }
                },
                '\r' => {
                    (self.column, self.full) = (0, false);
                    1
                }
                '\n' => {
                    self.line_feed();
                    1
                }
                c => {
                    self.print(c);
                    c.len_utf8()
                }
            };
            rest = &rest[length..];
        }
    }

    fn line_feed(&mut self) {
        if self.row + 1 < self.cells.len() {
            self.row += 1;
        } else {
            self.left_bounds += 1;
        }
    }

    fn print(&mut self, c: char) {
        if self.full {
            self.left_bounds += 1;
            (self.column, self.full) = (0, false);
            self.line_feed();
        }
        self.cells[self.row][self.column] = c;
        self.full = self.column + 1 == self.cells[0].len();
        self.column += usize::from(!self.full);
    }

    fn command(&mut self, argument: &str, name: u8) {
        match (argument, name) {
            ("", b'H') => (self.row, self.column, self.full) = (0, 0, false),
            ("2", b'K') => self.cells[self.row].fill(' '),
            ("", b'K') => self.cells[self.row][self.column..].fill(' '),
            ("2", b'J') => {
                self.cells.iter_mut().for_each(|row| row.fill(' '));
                // What came before was for a screen of another size.
                self.left_bounds = 0;
            }
            ("?1049", b'h' | b'l') => self.alternate = name == b'h',
            ("?25", b'h' | b'l') => self.cursor = name == b'h',
            (_, b'm') => {}
            other => panic!("no such command: {other:?}"),
        }
    }
}
