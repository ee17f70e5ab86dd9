//! Tables as text: a line of names, then a line a row, cells between tabs; lines that begin with `#` are remarks.

/// One row.
pub(super) struct Row<'t> {
    line: usize,
    names: &'t [&'t str],
    cells: Vec<&'t str>,
}

impl<'t> Row<'t> {
    /// Where it stands in its file, from 1.
    pub(super) const fn line(&self) -> usize {
        self.line
    }

    /// A cell, as `parse` understands it.
    ///
    /// # Errors
    /// Which line and cell cannot be read.
    pub(super) fn read<T>(&self, name: &str, parse: impl Fn(&'t str) -> Option<T>) -> Result<T, String> {
        let cell = self.names.iter().zip(&self.cells).find(|(known, _)| **known == name).map(|(_, cell)| *cell);
        cell.and_then(parse).ok_or_else(|| format!("line {}: {name} cannot be read", self.line))
    }
}

/// Hands every row of `text` to `take`, and gives what was wrong with each that is wrong.
pub(super) fn each_row(text: &str, mut take: impl FnMut(&Row<'_>) -> Result<(), String>) -> Vec<String> {
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#') && !line.is_empty());
    let names: Vec<&str> = lines.next().map(|(_, line)| line.split('\t').collect()).unwrap_or_default();
    let mut faults = Vec::new();
    for (number, line) in lines {
        let row = Row { line: number + 1, names: &names, cells: line.split('\t').collect() };
        if row.cells.len() != names.len() {
            faults.push(format!("line {}: has {} cells in place of {}", row.line, row.cells.len(), names.len()));
        } else if let Err(fault) = take(&row) {
            faults.push(fault);
        }
    }
    faults
}
