use cascadeflow::Usd;

/// Digits after the point that keep an amount of a fraction of a cent readable.
const USD_DIGITS: usize = 6;

/// An amount with six digits after the point, such as `$0.000150`.
pub(crate) fn usd(amount: Usd) -> String {
    let value = amount.to_f64();
    if value < 0.0 {
        format!("-${:.USD_DIGITS$}", -value)
    } else {
        format!("${value:.USD_DIGITS$}")
    }
}

/// A share as percent with one digit after the point, such as `61.5 %`.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A time, such as `230 µs`, `12.3 ms` or `4.10 s`.
pub(crate) fn duration_ms(milliseconds: f64) -> String {
    if milliseconds >= 1000.0 {
        format!("{:.2} s", milliseconds / 1000.0)
    } else if milliseconds >= 1.0 {
        format!("{milliseconds:.1} ms")
    } else {
        format!("{:.0} µs", milliseconds * 1000.0)
    }
}

/// A count with its noun, such as `1 query` or `3 queries`.
pub(crate) fn count(number: usize, singular: &str, plural: &str) -> String {
    format!("{number} {}", if number == 1 { singular } else { plural })
}

/// `text` on one line, cut to `limit` characters with an ellipsis.
pub(crate) fn shortened(text: &str, limit: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= limit {
        return line;
    }
    let kept: String = line.chars().take(limit.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// `text` broken between words into lines of at most `width` characters where words allow it.
pub(crate) fn wrapped(text: &str, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_their_sign_and_six_digits() {
        for (amount, expected) in
            [("0.00015", "$0.000150"), ("-0.5", "-$0.500000"), ("0", "$0.000000")]
        {
            assert_eq!(usd(amount.parse().unwrap()), expected);
        }
    }

    #[test]
    fn times_take_the_unit_that_reads_best() {
        assert_eq!(
            [0.23, 12.34, 4100.0].map(duration_ms),
            ["230 µs", "12.3 ms", "4.10 s"].map(str::to_owned)
        );
    }

    #[test]
    fn text_is_cut_by_characters_and_broken_between_words() {
        assert_eq!(shortened("über  alle\nBerge", 20), "über alle Berge");
        assert_eq!(shortened("über alle Berge", 10), "über alle…");
        assert_eq!(wrapped("one two three", 8), "one two\nthree");
        assert_eq!(wrapped("incomprehensible", 8), "incomprehensible");
    }
}
