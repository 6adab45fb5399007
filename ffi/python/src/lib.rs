//! Connections of captures as rows, for Python: the reader, and the library behind TCP Phase's plugin.

mod capture;
mod engine;
mod layers;
mod rows;
mod source;

use capture::{Capture, Failure, Frame};
use pyo3::exceptions::{PyStopIteration, PyValueError};
use pyo3::prelude::*;
use std::collections::BTreeSet;

/// So many frames are read between two looks for signals.
const FRAMES: usize = 4096;

/// Rows of the connections in captures, as lines of text in the order in which they are complete.
///
/// Several files are one capture, in the order given; "-" is standard input. What cannot be read is said in
/// `problems`, and the rest is read. An exception from a signal loses nothing: go on, or call `finish`.
#[pyclass(module = "tcpphase")]
struct Rows {
    paths: std::vec::IntoIter<String>,
    path: String,
    capture: Option<Capture>,
    frame: Frame,
    number: u32,
    layers: layers::Layers,
    rows: rows::Rows,
    unknown: BTreeSet<u32>,
    is_finished: bool,
    /// What could not be read, a line for each.
    #[pyo3(get)]
    problems: Vec<String>,
    /// What stands above the rows: the names of columns in CSV.
    #[pyo3(get)]
    heading: String,
}

#[pymethods]
impl Rows {
    /// `format` is "ndjson", "csv" or "story"; a row is written after `idle` seconds of the capture's time without a
    /// segment, 0: at the end.
    #[new]
    #[pyo3(signature = (captures, format="ndjson", idle=0))]
    fn new(captures: Vec<String>, format: &str, idle: u32) -> PyResult<Rows> {
        let format = match format {
            "ndjson" => tcpphase_ffi::TCPPHASE_ROW_JSON,
            "csv" => tcpphase_ffi::TCPPHASE_ROW_CSV,
            "story" => tcpphase_ffi::TCPPHASE_ROW_STORY,
            _ => return Err(PyValueError::new_err(format!("no such format: {format}"))),
        };
        Ok(Rows {
            paths: captures.into_iter(),
            path: String::new(),
            capture: None,
            frame: Frame::default(),
            number: 0,
            layers: layers::Layers::default(),
            rows: rows::Rows::new(format, i64::from(idle) * 1_000_000_000),
            unknown: BTreeSet::new(),
            is_finished: false,
            problems: Vec::new(),
            heading: engine::heading(format),
        })
    }

    fn __iter__(this: PyRef<Self>) -> PyRef<Self> {
        this
    }

    fn __next__(&mut self, py: Python) -> PyResult<String> {
        loop {
            if let Some(row) = self.rows.ready.pop_front() {
                return Ok(row);
            }
            if self.is_finished {
                return Err(PyStopIteration::new_err(()));
            }
            py.allow_threads(|| self.read_on());
            py.check_signals()?;
        }
    }

    /// Frames read so far.
    #[getter]
    fn frames(&self) -> u32 {
        self.number
    }

    /// Reads no more: what follows are the rows of all connections that are known.
    fn finish(&mut self) {
        if !self.is_finished {
            self.is_finished = true;
            self.rows.finish();
            if let Some(problem) = self.rows.problem {
                self.problem(problem);
            }
        }
    }
}

impl Rows {
    /// Reads until a row is ready, for a while, or until a signal comes.
    fn read_on(&mut self) {
        for _ in 0..FRAMES {
            if !self.rows.ready.is_empty() {
                return;
            }
            let Some(capture) = &mut self.capture else {
                if !self.open_next() {
                    return self.finish();
                }
                continue;
            };
            match capture.next(&mut self.frame) {
                Ok(true) => self.take_frame(),
                Ok(false) => self.capture = None,
                Err(Failure::Interrupted) => return,
                Err(Failure::Bad(problem)) => {
                    self.problem(&problem);
                    self.capture = None;
                }
            }
        }
    }

    /// Opens the next file that can be opened.
    fn open_next(&mut self) -> bool {
        for path in self.paths.by_ref() {
            self.path = path;
            match Capture::open(&self.path) {
                Ok(capture) => {
                    self.capture = Some(capture);
                    return true;
                }
                Err(error) => self.problems.push(format!("{}: {error}", self.path)),
            }
        }
        false
    }

    fn take_frame(&mut self) {
        let Some(number) = self.number.checked_add(1) else {
            self.problem("more frames than can be numbered");
            self.capture = None;
            return;
        };
        self.number = number;
        let frame = &self.frame;
        match self.layers.segments(frame.link, &frame.octets, frame.sent) {
            Some(segments) => {
                for segment in &segments {
                    self.rows.add(segment, number, frame.time);
                }
            }
            None => {
                if self.unknown.insert(frame.link) {
                    self.problem(&format!("link layer {} is not read", self.frame.link));
                }
            }
        }
    }

    fn problem(&mut self, problem: &str) {
        self.problems.push(format!("{}: {problem}", self.path));
    }
}

#[pymodule]
fn _tcpphase(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Rows>()
}
