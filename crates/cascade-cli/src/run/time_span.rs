use std::time::Duration;

/// Reads a time such as `30s`, `500ms`, `2m` or, in seconds, `1.5`.
pub(super) fn parse_time_span(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let number_end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(number_end);
    let seconds_per_unit = match unit.trim() {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err("give a number with `ms`, `s`, `m` or `h`, such as `30s`".to_owned()),
    };
    number
        .parse::<f64>()
        .ok()
        .and_then(|number| Duration::try_from_secs_f64(number * seconds_per_unit).ok())
        .filter(|span| !span.is_zero())
        .ok_or_else(|| "give a time above zero, such as `30s`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_scale_the_number() {
        for (text, milliseconds) in
            [("30s", 30_000), ("500ms", 500), ("2m", 120_000), ("1.5", 1_500), ("1h", 3_600_000)]
        {
            assert_eq!(parse_time_span(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "s", "0", "-3s", "3 weeks", "1.2.3", "99999999999999999999h"] {
            assert!(parse_time_span(text).is_err(), "{text}");
        }
    }
}
