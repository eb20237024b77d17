//! Checks the plain arithmetic that an answer writes out.

use serde::Serialize;

/// Most operands of one side.
const LONGEST: usize = 12;

/// What the written-out equations of a text are worth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Equations {
    /// Equations of plain numbers that could be evaluated.
    pub checked: u32,
    /// Those whose sides differ by more than rounding.
    pub wrong: u32,
    /// Whether the last of them is wrong.
    pub last_wrong: bool,
    /// The number after the last equals sign; `None` when no number follows one.
    pub last_result: Option<f64>,
}

/// Follows sums such as `15 + 25 = 40` through a text, skipping units: `3 cups * 20 = 60 cups`.
///
/// What it cannot be sure of (letters for numbers, brackets, powers, percentages) it leaves alone:
/// an equation reported as wrong is to be wrong.
#[derive(Debug, Clone, Default)]
pub(super) struct EquationReader {
    found: Equations,
    numbers: [f64; LONGEST],
    operators: [u8; LONGEST],
    count: usize,
    /// Operator that waits for its right operand.
    pending: Option<u8>,
    /// Value of the side before the last equals sign.
    left: Option<f64>,
    /// Whether an equals sign was met and its right side is being read.
    after_equals: bool,
    /// Whether something uncertain stands in the current equation.
    uncertain: bool,
    negative: bool,
}

impl EquationReader {
    pub(super) fn number(&mut self, value: f64) {
        let value = if std::mem::take(&mut self.negative) { -value } else { value };
        if self.after_equals && self.count == 0 {
            self.found.last_result = Some(value);
        }
        match self.pending.take() {
            Some(operator) if self.count > 0 && self.count < LONGEST => {
                self.operators[self.count] = operator;
                self.numbers[self.count] = value;
                self.count += 1;
            }
            Some(_) => self.uncertain = true,
            None if self.count == 0 => {
                self.numbers[0] = value;
                self.count = 1;
            }
            // A number without an operator before it begins another expression.
            None => {
                self.close();
                self.reset();
                self.numbers[0] = value;
                self.count = 1;
            }
        }
    }

    pub(super) fn operator(&mut self, operator: u8) {
        if self.count == 0 || self.pending.is_some() {
            if operator == b'-' {
                self.negative = true;
            } else {
                self.uncertain = true;
            }
            return;
        }
        self.pending = Some(operator);
    }

    /// A word; `times` says that it stands for a multiplication sign.
    pub(super) fn word(&mut self, length: usize, times: bool) {
        if times && self.count > 0 && self.pending.is_none() {
            self.pending = Some(b'*');
        } else if length == 1 {
            self.uncertain = true;
        } else if self.pending == Some(b'/') {
            // A unit such as `cups/day`.
            self.pending = None;
        } else if self.pending.is_some() {
            self.uncertain = true;
        }
    }

    pub(super) fn equals(&mut self) {
        let side = self.value();
        if self.after_equals {
            self.compare(side);
        }
        self.left =
            if self.uncertain { None } else { side.filter(|_| self.count > 1).or(self.left) };
        if self.uncertain || self.pending.is_some() {
            self.left = None;
        }
        self.count = 0;
        self.pending = None;
        self.negative = false;
        self.uncertain = false;
        self.after_equals = true;
    }

    /// Something that makes the current equation uncertain: a bracket, a power, a percentage.
    pub(super) const fn doubt(&mut self) {
        self.uncertain = true;
    }

    /// The end of a sentence, clause or line.
    pub(super) fn end(&mut self) {
        self.close();
        self.reset();
    }

    pub(super) fn finish(mut self) -> Equations {
        self.close();
        self.found
    }

    fn reset(&mut self) {
        self.count = 0;
        self.pending = None;
        self.left = None;
        self.after_equals = false;
        self.uncertain = false;
        self.negative = false;
    }

    fn close(&mut self) {
        if self.after_equals {
            let side = self.value();
            self.compare(side);
        }
        self.after_equals = false;
    }

    fn compare(&mut self, right: Option<f64>) {
        let (Some(left), Some(right), false) = (self.left, right, self.uncertain) else { return };
        if self.pending.is_some() {
            return;
        }
        self.found.checked += 1;
        // Rounded results are right: a hundredth of the value or of one, or a whole number next to
        // a value between two, as of a division with a remainder.
        let distance = (left - right).abs();
        let rounded = left.fract() != 0.0 && right.fract() == 0.0 && distance < 1.0;
        let wrong = distance > 0.011 * left.abs().max(1.0) && !rounded;
        self.found.wrong += u32::from(wrong);
        self.found.last_wrong = wrong;
    }

    /// Value of the side read so far, multiplication and division first.
    fn value(&self) -> Option<f64> {
        if self.count == 0 {
            return None;
        }
        let mut total = 0.0;
        let mut term = self.numbers[0];
        for index in 1..self.count {
            let number = self.numbers[index];
            match self.operators[index] {
                b'*' => term *= number,
                b'/' if number == 0.0 => return None,
                b'/' => term /= number,
                b'-' => {
                    total += term;
                    term = -number;
                }
                _ => {
                    total += term;
                    term = number;
                }
            }
        }
        Some(total + term).filter(|value| value.is_finite())
    }
}
