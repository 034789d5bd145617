//! Numbers, with and without units.

use super::super::ast::{Integer, Number};
use super::super::fault::Fault;
use super::super::lexer::Kind;
use super::super::span::Span;
use super::cursor::{Cursor, Parse, Reported};
use crate::code::Code;
use crate::pool::List;

impl Cursor<'_, '_> {
    pub(super) fn integer(&mut self, expected: &str) -> Parse<Integer> {
        let span = self.expect(Kind::Integer, expected)?.span;
        let text = self.text(span);
        let (is_negative, digits) = match text.as_bytes() {
            [b'-', digits @ ..] => (true, digits),
            [b'+', digits @ ..] => {
                self.warn_about_sign(span);
                (false, digits)
            }
            digits => (false, digits),
        };
        let magnitude = match digits {
            [b'0', b'x' | b'X', digits @ ..] => magnitude(digits, 16),
            digits => magnitude(digits, 10),
        };
        let Some(magnitude) = magnitude else {
            let fault = Fault::error(Code::NumberTooLarge, span, "number too large");
            self.faults.push(fault.expected(expected));
            return Err(Reported);
        };
        Ok(Integer { magnitude, is_negative, span })
    }

    /// `count` integers with commas between them.
    pub(super) fn integers(
        &mut self,
        pool: &mut Vec<Integer>,
        count: usize,
        expected: &str,
    ) -> Parse<List<Integer>> {
        let start = pool.len();
        for index in 0..count {
            if index > 0 {
                self.expect(Kind::Comma, "\",\"")?;
            }
            pool.push(self.integer(expected)?);
        }
        Ok(List::since(start, pool))
    }

    pub(super) fn number(&mut self, expected: &str) -> Parse<Number> {
        if self.peek().kind == Kind::Integer {
            let integer = self.integer(expected)?;
            // A real of the file has the same 53 bits.
            let value = integer.magnitude as f64;
            return Ok(Number {
                value: if integer.is_negative { -value } else { value },
                span: integer.span,
            });
        }
        let span = self.expect(Kind::Real, expected)?.span;
        let text = self.text(span);
        if text.starts_with('+') {
            self.warn_about_sign(span);
        }
        let mantissa = text.split(['e', 'E']).next().unwrap_or(text);
        let unsigned = mantissa.trim_start_matches(['+', '-']);
        if unsigned.starts_with('.') || unsigned.ends_with('.') {
            let message = format!("\"{text}\" lacks a digit beside the decimal point");
            self.faults.push(Fault::warning(Code::BareDecimalPoint, span, message));
        }
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Number { value, span }),
            Ok(_) | Err(_) => {
                let fault = Fault::error(Code::NumberTooLarge, span, "number too large");
                self.faults.push(fault.expected(expected));
                Err(Reported)
            }
        }
    }

    fn warn_about_sign(&mut self, span: Span) {
        let message = format!("explicit plus sign in \"{}\"", self.text(span));
        self.faults.push(Fault::warning(Code::PlusSign, span, message));
    }

    /// A number followed by a unit. A decimal comma is the usual slip here.
    pub(super) fn quantity(&mut self, unit: &str, expected: &str) -> Parse<Number> {
        let number = self.number(expected)?;
        if self.peek().kind == Kind::Comma && self.peek_at(1).kind == Kind::Integer {
            let span = number.span.to(self.peek_at(1).span);
            let hint = self.text(span).replace(',', ".").replace(' ', "");
            self.faults.push(
                Fault::error(Code::DecimalComma, span, "decimal comma")
                    .expected("a decimal point")
                    .hint(format!("write {hint} {unit}")),
            );
            return Err(Reported);
        }
        if unit == "%" {
            self.expect(Kind::Percent, "\"%\"")?;
        } else {
            self.word(unit)?;
        }
        Ok(number)
    }
}

/// The number that `digits` are, if it has no more than 64 bits.
fn magnitude(digits: &[u8], base: u64) -> Option<u64> {
    digits.iter().try_fold(0_u64, |number, digit| {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            _ => (digit | 0x20) - b'a' + 10,
        };
        number.checked_mul(base)?.checked_add(u64::from(digit))
    })
}
