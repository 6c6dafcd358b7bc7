//! Rooms full of people, their archives, and files: the box, Prosody and nginx.

use bench::report::{self, Figure, Report};
use bench::scenario::files::{self, Cargo};
use bench::scenario::{Span, history, room};
use bench::server::{Server, Sizes, edge, nginx, prosody};
use std::time::Duration;

/// The rooms that are spoken in, then the one whose archive is read.
const SIZES: Sizes = Sizes { strangers: 1000, writers: 0, colleagues: 0, rooms: &[200, 1000, 4] };
const ARCHIVED: usize = 10_000;
const FILE_BYTES: usize = 10_000_000;
const UPLOADS: usize = 60;
const DOWNLOADS: usize = 300;
const SPAN: Span = Span { warm_up: Duration::from_secs(2), measured: Duration::from_secs(10) };

/// What is asked for.
pub(crate) struct Plan {
    ours: bool,
    scenario: Option<String>,
    report: Report,
}

impl Plan {
    pub(crate) fn new(ours: bool, scenario: Option<String>) -> Self {
        Self { ours, scenario, report: Report::of(report::COLLABORATION) }
    }

    pub(crate) fn report(&self) -> &Report {
        &self.report
    }

    fn wants(&self, scenario: &str) -> bool {
        self.scenario.as_ref().is_none_or(|wanted| wanted == scenario)
    }

    pub(crate) async fn carry_out(&mut self) -> Result<(), String> {
        let cargo = Cargo::new(FILE_BYTES, UPLOADS, DOWNLOADS);
        self.report.server(edge::NAME, edge::DURABILITY);
        if !self.ours {
            let peer = prosody::start(prosody::Archive::Sql, SIZES);
            self.measure(&peer, &cargo).await?;
            drop(peer);
        }
        if !self.ours && self.wants("files") {
            let peer = nginx::start(&cargo.file());
            self.report.server(peer.name, peer.durability);
            let down = files::get(&peer, &cargo, &files::of_nginx()).await?;
            for figure in [&report::SLOT_DOWNLOAD, &report::DOWNLOAD] {
                self.report.note(figure, peer.name, down.mb_per_cpu_s);
            }
        }
        let own = edge::start_with_scanner(SIZES).await;
        self.measure(&own, &cargo).await?;
        if self.wants("files") {
            let (up, places) = files::share(&own, &cargo).await?;
            self.report.note(&report::UPLOAD, own.name, up.mb_per_cpu_s);
            self.report.note(&report::UPLOAD_SCANNED, own.name, up.with_scanner);
            let down = files::get(&own, &cargo, &places).await?;
            self.report.note(&report::DOWNLOAD, own.name, down.mb_per_cpu_s);
        }
        Ok(())
    }

    /// What the box and Prosody are both asked for.
    async fn measure(&mut self, server: &Server, cargo: &Cargo) -> Result<(), String> {
        self.report.server(server.name, server.durability);
        let rooms: [(&str, &'static Figure, usize); 2] =
            [("room-200", &report::ROOM_200, 0), ("room-1000", &report::ROOM_1000, 1)];
        for (name, figure, number) in rooms {
            if self.wants(name) {
                let heard = room::run(server, &server.rooms[number], SPAN).await?;
                self.report.note(figure, server.name, heard.per_cpu_s);
            }
        }
        if self.wants("history") {
            let pages = history::run(server, &server.rooms[2], ARCHIVED, SPAN).await?;
            self.report.note(&report::PAGES, server.name, pages.per_cpu_s);
        }
        if self.wants("files") {
            let (up, places) = files::put_in_slots(server, cargo).await?;
            self.report.note(&report::SLOT_UPLOAD, server.name, up.mb_per_cpu_s);
            self.report.note(&report::SLOT_UPLOAD_SCANNED, server.name, up.with_scanner);
            let down = files::get(server, cargo, &places).await?;
            self.report.note(&report::SLOT_DOWNLOAD, server.name, down.mb_per_cpu_s);
        }
        Ok(())
    }
}
