use std::path::Path;

use cascadeflow::{Error, Result};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::font::{self, FAMILY};
use super::format::PlotFormat;
use super::panel::Panel;
use crate::replay::file_report::{FileCurves, FileReport};

const PANEL_WIDTH: u32 = 520;
const PANEL_HEIGHT: u32 = 400;
const HEADER_HEIGHT: u32 = 76;
const MOST_COLUMNS: usize = 3;

/// Colours that stay apart for colour-blind readers (Okabe and Ito).
const SCORE: RGBColor = RGBColor(0, 114, 178);
const LENGTH: RGBColor = RGBColor(230, 159, 0);
const ORACLE: RGBColor = RGBColor(0, 158, 115);
const GATE: RGBColor = RGBColor(213, 94, 0);
const RANDOM: RGBColor = RGBColor(120, 120, 120);
const INK: RGBColor = RGBColor(40, 40, 40);
const GRID: RGBColor = RGBColor(225, 225, 225);

/// Quality against the share of drafts accepted: a panel for each file.
pub(in crate::replay) struct Plot {
    panels: Vec<Panel>,
}

type Drawn<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

impl Plot {
    /// The plot of reports and the curves behind them, in the same order.
    pub(in crate::replay) fn new(reports: &[FileReport], curves: &[FileCurves]) -> Self {
        Self { panels: Panel::all(reports, curves) }
    }

    /// Writes the plot to `path`.
    ///
    /// # Errors
    /// A validation error when the file cannot be written.
    pub(in crate::replay) fn draw(&self, path: &Path, format: PlotFormat) -> Result<()> {
        font::register()?;
        let columns = self.panels.len().clamp(1, MOST_COLUMNS);
        let rows = self.panels.len().div_ceil(columns);
        // A single panel still needs room for the legend.
        let width = (PANEL_WIDTH * extent(columns)).max(PANEL_WIDTH * 3 / 2);
        let size = (width, HEADER_HEIGHT + PANEL_HEIGHT * extent(rows));
        let drawn = match format {
            PlotFormat::Svg => {
                let root = SVGBackend::new(path, size).into_drawing_area();
                self.draw_on(&root, (rows, columns)).map_err(|error| error.to_string())
            }
            PlotFormat::Png => {
                let root = BitMapBackend::new(path, size).into_drawing_area();
                self.draw_on(&root, (rows, columns)).map_err(|error| error.to_string())
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

    fn draw_on<DB: DrawingBackend>(
        &self,
        root: &DrawingArea<DB, Shift>,
        grid: (usize, usize),
    ) -> Drawn<DB> {
        root.fill(&WHITE)?;
        let (header, body) = root.split_vertically(HEADER_HEIGHT);
        draw_header(&header)?;
        for (area, panel) in body.split_evenly(grid).iter().zip(&self.panels) {
            draw_panel(area, panel)?;
        }
        root.present()
    }
}

/// A count of panels as a factor of pixels.
fn extent(panels: usize) -> u32 {
    u32::try_from(panels).unwrap_or(u32::MAX / PANEL_WIDTH)
}

fn text(size: u32, colour: RGBColor) -> TextStyle<'static> {
    (FAMILY, size).into_font().color(&colour).pos(Pos::new(HPos::Left, VPos::Center))
}

/// The title, and one legend for all panels.
fn draw_header<DB: DrawingBackend>(area: &DrawingArea<DB, Shift>) -> Drawn<DB> {
    let title = (FAMILY, 20, FontStyle::Bold)
        .into_font()
        .color(&INK)
        .pos(Pos::new(HPos::Left, VPos::Center));
    area.draw(&Text::new("Quality when part of the drafts is accepted", (16, 24), title))?;
    let mut x = 16;
    for (name, colour, dashed) in [
        ("judge's score", SCORE, false),
        ("draft length", LENGTH, false),
        ("oracle", ORACLE, false),
        ("random", RANDOM, true),
    ] {
        let ends = if dashed { vec![(0, 11), (16, 28)] } else { vec![(0, 28)] };
        for (from, to) in ends {
            area.draw(&PathElement::new(
                vec![(x + from, 56), (x + to, 56)],
                colour.stroke_width(3),
            ))?;
        }
        area.draw(&Text::new(name, (x + 36, 56), text(15, INK)))?;
        let (width, _) = area.estimate_text_size(name, &text(15, INK))?;
        x += 36 + i32::try_from(width).unwrap_or(120) + 30;
    }
    area.draw(&Circle::new((x + 6, 56), 6, GATE.filled()))?;
    area.draw(&Text::new("the gate's own choice", (x + 20, 56), text(15, INK)))
}

fn draw_panel<DB: DrawingBackend>(area: &DrawingArea<DB, Shift>, panel: &Panel) -> Drawn<DB> {
    let bold = (FAMILY, 15, FontStyle::Bold)
        .into_font()
        .color(&INK)
        .pos(Pos::new(HPos::Left, VPos::Center));
    area.draw(&Text::new(panel.title.clone(), (16, 14), bold))?;
    area.draw(&Text::new(panel.subtitle.clone(), (16, 36), text(13, RANDOM)))?;

    let (_, body) = area.split_vertically(48);
    let (low, high) = panel.quality_range();
    // Within a few points, whole percents would label two grid lines alike.
    let digits = usize::from(high - low < 0.1);
    let mut chart = ChartBuilder::on(&body)
        .margin(8)
        .margin_right(24)
        .x_label_area_size(44)
        .y_label_area_size(62)
        .build_cartesian_2d(0.0..1.0, low..high)?;
    chart
        .configure_mesh()
        .x_labels(6)
        .y_labels(7)
        .x_label_formatter(&|share| format!("{:.0} %", share * 100.0))
        .y_label_formatter(&|quality| format!("{:.digits$} %", quality * 100.0))
        .x_desc("drafts accepted")
        .y_desc("quality")
        .axis_desc_style(text(13, INK).pos(Pos::new(HPos::Center, VPos::Top)))
        .label_style((FAMILY, 13).into_font().color(&INK))
        .axis_style(INK)
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .draw()?;
    chart.draw_series(DashedLineSeries::new(
        panel.random.iter().copied(),
        8,
        5,
        RANDOM.stroke_width(2),
    ))?;
    for (line, colour) in [(&panel.oracle, ORACLE), (&panel.length, LENGTH), (&panel.score, SCORE)]
    {
        chart.draw_series(LineSeries::new(line.iter().copied(), colour.stroke_width(2)))?;
    }
    chart.draw_series([Circle::new(panel.gate, 6, GATE.filled())])?;
    Ok(())
}
