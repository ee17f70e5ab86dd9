//! The page of statistics (統計): a month, each series as a table whose bars are drawn beside its counts.

use super::form::Form;
use super::reply::{Reply, Shell};
use super::visit::Visit;
use super::{Pages, failure};
use crate::domain::statistics::{Dimension, StatisticsCell, StatisticsMethod, StatisticsRelease, StatisticsTable};
use crate::services::statistics::{ProcedureCoverage, Statistics, StatisticsCoverage, StatisticsIndex};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use std::sync::Arc;

/// How many counts of a series are drawn, the largest first; the files have all.
const DRAWN: usize = 50;

#[derive(Template)]
#[template(path = "statistics.html", config = "src/http/pages/askama.toml")]
struct StatisticsPage<'p> {
    shell: Shell<'p>,
    index: StatisticsIndex,
    statistics: &'p Statistics,
    release: Option<Arc<StatisticsRelease>>,
    coverage: Option<Arc<StatisticsCoverage>>,
}

/// A count as it is drawn.
struct Row {
    /// What its values are called, and whether that is in Japanese whatever the page is in.
    names: Vec<(String, bool)>,
    persons: u64,
    /// Of the longest bar, in percent.
    width: u64,
}

impl StatisticsPage<'_> {
    fn title(&self, table: &StatisticsTable) -> String {
        self.shell.t(&format!("statistics-{}", table.series.as_str()))
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template passes its values by reference")]
    fn heading(&self, dimension: &Dimension) -> String {
        self.shell.t(&format!("statistics-by-{}", dimension.as_str()))
    }

    fn named(&self, dimension: Dimension, value: &str) -> String {
        match dimension {
            Dimension::ThirdPartyClass => self.shell.t(&format!("statistics-class-{value}")),
            Dimension::Outcome => self.shell.t(&format!("applications-state-{value}")),
            _ => self.statistics.name(dimension, value, self.shell.lang).unwrap_or_else(|| value.to_owned()),
        }
    }

    /// The largest counts, and whether there are more.
    fn rows(&self, table: &StatisticsTable) -> (Vec<Row>, bool) {
        let mut cells: Vec<_> = table.cells.iter().collect();
        cells.sort_by_key(|cell| std::cmp::Reverse(cell.persons));
        let longest = cells.first().map_or(1, |cell| cell.persons.max(1));
        let row = |cell: &&StatisticsCell| Row {
            names: table
                .dimensions
                .iter()
                .zip(&cell.values)
                .map(|(by, value)| (self.named(*by, value), is_place(*by)))
                .collect(),
            persons: cell.persons,
            width: cell.persons.saturating_mul(100) / longest,
        };
        (cells.iter().take(DRAWN).map(row).collect(), cells.len() > DRAWN)
    }

    fn promise(&self, method: &StatisticsMethod) -> String {
        self.shell.with2("statistics-method-k", ("k", &method.k.to_string()), ("least", &method.least_told.to_string()))
    }

    fn noise(&self, method: &StatisticsMethod) -> String {
        let (margin, cells) = (method.margin_95.to_string(), method.cells_per_person.to_string());
        self.shell.with2("statistics-method-noise", ("margin", &margin), ("cells", &cells))
    }

    fn budget(&self, method: &StatisticsMethod) -> String {
        let (epsilon, delta) = (format!("{}", method.epsilon), format!("{:.1e}", method.delta));
        self.shell.with2("statistics-method-budget", ("epsilon", &epsilon), ("delta", &delta))
    }

    fn procedure<'w>(&self, one: &'w ProcedureCoverage) -> &'w str {
        one.name.get(self.shell.lang)
    }

    fn class(&self, class: &str) -> String {
        self.shell.t(&format!("statistics-class-{class}"))
    }

    fn when(&self) -> Option<String> {
        let days = self.index.released_after_days?;
        Some(self.shell.with("statistics-when", "days", &days.to_string()))
    }

    fn of_month(&self, id: &str, release: &StatisticsRelease) -> String {
        self.shell.with(id, "month", &release.month.to_string())
    }
}

/// Places have names in Japanese alone.
const fn is_place(dimension: Dimension) -> bool {
    matches!(dimension, Dimension::Municipality | Dimension::Prefecture)
}

/// The page of the month that the query names, or of the last one.
pub(in crate::http) async fn show(request: &HttpRequest, pages: &Pages, statistics: &Statistics) -> HttpResponse {
    let visit = Visit::of(request, pages);
    let query = match Form::read(request.query_string().as_bytes(), "") {
        Ok(query) => query,
        Err(error) => return failure::form(pages, &visit, &error),
    };
    let wanted = query.get("month").map(|month| statistics.find(month));
    let release = match wanted {
        Some(Err(_)) => return failure::page(pages, &visit, failure::NOT_FOUND),
        Some(Ok(release)) => Some(release),
        None => statistics.latest(),
    };
    let (shell, coverage) = (Shell::new(pages, &visit), statistics.coverage().await.ok());
    let page = StatisticsPage { shell, index: statistics.index(), statistics, release, coverage };
    Reply::new(pages, &visit, StatusCode::OK).page(&page)
}
