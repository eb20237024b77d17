use std::path::Path;

use cascadeflow::telemetry::{DailySeries, Day, Forecast};
use cascadeflow::{Error, Result};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::forecast::dated;
use crate::replay::plot::{FAMILY, PlotFormat, register};

const SIZE: (u32, u32) = (960, 480);
const HEADER_HEIGHT: u32 = 76;
/// Days of history that are drawn.
const SHOWN: usize = 120;

/// Colours that stay apart for colour-blind readers (Okabe and Ito).
const PAST: RGBColor = RGBColor(0, 114, 178);
const FUTURE: RGBColor = RGBColor(213, 94, 0);
const INK: RGBColor = RGBColor(40, 40, 40);
const GRID: RGBColor = RGBColor(225, 225, 225);

/// Daily spending and its forecast.
pub(super) struct Chart {
    past: Vec<(i64, f64)>,
    /// Expected spending, from the last day of the past on.
    expected: Vec<(i64, f64)>,
    /// The widest interval: day, lower and upper end.
    range: Vec<(i64, f64, f64)>,
    level: f64,
}

type Drawn<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

impl Chart {
    pub(super) fn new(series: &DailySeries, forecast: &Forecast) -> Self {
        let past: Vec<(i64, f64)> = dated(series).map(|(day, cost)| (day.count(), cost)).collect();
        let past = past[past.len().saturating_sub(SHOWN)..].to_vec();
        let days = forecast.days.iter();
        let expected = past
            .last()
            .copied()
            .into_iter()
            .chain(days.clone().map(|day| (day.day.count(), day.cost)));
        let range = days.filter_map(|day| {
            day.intervals.last().map(|widest| (day.day.count(), widest.lower, widest.upper))
        });
        let level = forecast.intervals.last().map_or(0.0, |interval| interval.level);
        Self { expected: expected.collect(), range: range.collect(), level, past }
    }

    /// Writes the chart to `path`.
    ///
    /// # Errors
    /// A validation error when the file cannot be written.
    pub(super) fn draw(&self, path: &Path, format: PlotFormat) -> Result<()> {
        register()?;
        let drawn = match format {
            PlotFormat::Svg => {
                let root = SVGBackend::new(path, SIZE).into_drawing_area();
                self.draw_on(&root).map_err(|error| error.to_string())
            }
            PlotFormat::Png => {
                let root = BitMapBackend::new(path, SIZE).into_drawing_area();
                self.draw_on(&root).map_err(|error| error.to_string())
            }
        };
        drawn.map_err(|error| {
            Error::validation(
                "plot",
                format!("the plot cannot be written to `{}`: {error}", path.display()),
                "give a file in a folder that exists and can be written",
            )
        })
    }

    fn draw_on<DB: DrawingBackend>(&self, root: &DrawingArea<DB, Shift>) -> Drawn<DB> {
        root.fill(&WHITE)?;
        let (header, body) = root.split_vertically(HEADER_HEIGHT);
        self.draw_header(&header)?;
        let points = self.past.iter().chain(&self.expected);
        let (first, last) = points
            .clone()
            .fold((i64::MAX, i64::MIN), |(low, high), (day, _)| (low.min(*day), high.max(*day)));
        let (first, last) = if first > last { (0, 1) } else { (first, last.max(first + 1)) };
        let most = points
            .map(|(_, cost)| *cost)
            .chain(self.range.iter().map(|(_, _, upper)| *upper))
            .fold(0.0, f64::max);
        let most = if most > 0.0 { most * 1.08 } else { 1.0 };
        let mut chart = ChartBuilder::on(&body)
            .margin(8)
            .margin_right(24)
            .x_label_area_size(44)
            .y_label_area_size(72)
            .build_cartesian_2d(first..last, 0.0..most)?;
        chart
            .configure_mesh()
            .x_labels(8)
            .y_labels(7)
            .x_label_formatter(&|day| Day::new(*day).to_string())
            .y_label_formatter(&|cost| dollars(*cost, most))
            .x_desc("day")
            .y_desc("spent in USD")
            .axis_desc_style(text(13, INK).pos(Pos::new(HPos::Center, VPos::Top)))
            .label_style((FAMILY, 13).into_font().color(&INK))
            .axis_style(INK)
            .bold_line_style(GRID)
            .light_line_style(TRANSPARENT)
            .draw()?;
        let upper = self.range.iter().map(|(day, _, upper)| (*day, *upper));
        let lower = self.range.iter().rev().map(|(day, lower, _)| (*day, *lower));
        let band: Vec<(i64, f64)> = upper.chain(lower).collect();
        chart.draw_series([Polygon::new(band, FUTURE.mix(0.18))])?;
        chart.draw_series(LineSeries::new(self.past.iter().copied(), PAST.stroke_width(2)))?;
        chart
            .draw_series(LineSeries::new(self.expected.iter().copied(), FUTURE.stroke_width(2)))?;
        root.present()
    }

    fn draw_header<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Drawn<DB> {
        let title = (FAMILY, 20, FontStyle::Bold)
            .into_font()
            .color(&INK)
            .pos(Pos::new(HPos::Left, VPos::Center));
        area.draw(&Text::new("Spending by day, and its forecast", (16, 24), title))?;
        let mut x = 16;
        let interval = format!("{:.0} % interval", self.level * 100.0);
        for (name, colour, width) in [
            ("spent", PAST.to_rgba(), 3),
            ("forecast", FUTURE.to_rgba(), 3),
            (interval.as_str(), FUTURE.mix(0.18), 12),
        ] {
            area.draw(&PathElement::new(vec![(x, 56), (x + 28, 56)], colour.stroke_width(width)))?;
            area.draw(&Text::new(name, (x + 36, 56), text(15, INK)))?;
            let (width, _) = area.estimate_text_size(name, &text(15, INK))?;
            x += 36 + i32::try_from(width).unwrap_or(120) + 30;
        }
        Ok(())
    }
}

fn text(size: u32, colour: RGBColor) -> TextStyle<'static> {
    (FAMILY, size).into_font().color(&colour).pos(Pos::new(HPos::Left, VPos::Center))
}

/// An amount with as many digits as its axis needs.
fn dollars(cost: f64, most: f64) -> String {
    let digits = if most >= 20.0 {
        0
    } else if most >= 0.2 {
        2
    } else {
        5
    };
    format!("${cost:.digits$}")
}
