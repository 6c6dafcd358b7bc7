//! What a server does beside answering: each a task that ends with it.

use crate::anchor::{self, Witness};
use crate::certificate::Keeper;
use crate::error::CommandError;
use crate::settings;
use app::vault::ScrubSettings;
use app::{App, backup, file, web_push};
use config_schema::Config;
use domain::clock::Rng;
use outbound::clamav::ClamAv;
use outbound::media::Media;
use outbound::push::Push;
use outbound::worker::Worker;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use std::{hint, thread};
use tokio::task::JoinSet;

/// How often the certificate is looked at.
const CERTIFICATE_CHECK_EVERY: Duration = Duration::from_secs(3600);
/// How often memory that is free goes back to the system.
const MEMORY_RETURN_EVERY: Duration = Duration::from_secs(5);

/// What is to be done, before it is begun.
pub(crate) struct Background {
    push: Option<Push>,
    clamav: ClamAv,
    worker: Worker,
    media: Option<Media>,
    witness: Option<Witness>,
    scrub: Option<ScrubSettings>,
}

impl Background {
    /// What the configuration asks for.
    ///
    /// # Errors
    /// Settings of Web Push that cannot be followed.
    pub(crate) fn new(
        config: &Config,
        (app, data): (&App, &Path),
        rng: &Arc<dyn Rng>,
        worker: Worker,
        media: Option<Media>,
    ) -> Result<Self, CommandError> {
        Ok(Self {
            push: config.push.enabled.then(|| settings::push(config, data, Arc::clone(rng))).transpose()?,
            clamav: settings::clamav(config),
            worker,
            media,
            witness: Witness::of(config, |purpose| app::vault::key(app, purpose)),
            scrub: settings::scrub(config),
        })
    }

    /// What shows how old the note of all databases is.
    pub(crate) fn witness(&self) -> Option<&Witness> {
        self.witness.as_ref()
    }

    /// Begins all of it. It goes on until the set is aborted or dropped.
    pub(crate) fn start(self, app: &Arc<App>, data: &Path, certificate: Arc<Keeper>) -> JoinSet<()> {
        let weak = || Arc::downgrade(app);
        let mut tasks = JoinSet::new();
        tasks.spawn(renew(Arc::clone(app), certificate));
        if let Some(push) = self.push {
            tasks.spawn(push.run(weak(), web_push::pages(app)));
        }
        let scans = file::scans(app, self.clamav.is_there());
        tasks.spawn(self.clamav.clone().watch(weak()));
        tasks.spawn(self.clamav.run(weak(), scans));
        tasks.spawn(self.worker.run(weak(), file::pictures(app)));
        if let Some(media) = self.media {
            tasks.spawn(media.run(weak()));
        }
        tasks.spawn(anchor::keep(Arc::clone(app), self.witness));
        if let Some(scrub) = self.scrub {
            tasks.spawn(app::vault::scrub(weak(), data.to_owned(), scrub));
        }
        tasks.spawn(backup::keep(weak()));
        tasks.spawn(return_memory());
        tasks.spawn(app::vault::release(weak()));
        tasks
    }
}

async fn renew(app: Arc<App>, certificate: Arc<Keeper>) {
    loop {
        tokio::time::sleep(CERTIFICATE_CHECK_EVERY).await;
        if let Err(failure) = certificate.refresh(&app).await {
            tracing::error!(%failure, "the certificate could not be renewed");
        }
    }
}

/// The allocator keeps what was freed for a second, and then looks for it only when more is freed, or a thread ends: after a flood
/// that may be never (E5). So one ends now and then.
async fn return_memory() {
    loop {
        tokio::time::sleep(MEMORY_RETURN_EVERY).await;
        let memory = thread::Builder::new().name(String::from("memory"));
        // The allocator knows only threads that asked it for something.
        if let Err(failure) = memory.spawn(|| drop(hint::black_box(Box::new(0_u8)))) {
            tracing::debug!(%failure, "free memory is not given back now");
        }
    }
}
