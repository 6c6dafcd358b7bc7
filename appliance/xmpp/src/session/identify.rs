//! Who is at the other end, and under which name its device is there.

use super::{Bound, Held, Loop};
use crate::endpoint::Endpoint;
use crate::handlers::Session;
use crate::jid::FullJid;
use crate::render::Addresses;
use crate::stream::{AuthenticationRefusal, BindRefusal, Proof, Salt, Token, TokenMechanism, TokenProof, prefixed};
use crate::transport::Transport;
use app::live::{BindRefused, Binding};
use app::{App, AppError, Caller, Unauthenticated, sign_in};
use domain::clock::iso8601;
use std::sync::Arc;
use tokio::time::Instant;

impl<T: Transport> Loop<T> {
    pub(super) async fn authenticate(&mut self, username: &str, secret: &str) -> Result<(), AuthenticationRefusal> {
        let caller = sign_in::authenticate_stream(&self.endpoint.app, username, secret).await;
        self.let_in(caller.map(|caller| (caller, ())))
    }

    /// The server's signature for a proof that is right.
    pub(super) async fn verify(&mut self, username: &str, proof: &Proof) -> Result<[u8; 32], AuthenticationRefusal> {
        let app = &self.endpoint.app;
        let answer = sign_in::authenticate_by_proof(app, username, &proof.message, &proof.proof).await;
        self.let_in(answer)
    }

    /// The server's hash for a token that is good, and whether another one is due.
    pub(super) async fn verify_token(
        &mut self,
        username: &str,
        proof: TokenProof,
    ) -> Result<([u8; 32], bool), AuthenticationRefusal> {
        let TokenProof { agent, mechanism, channel, hash, count, invalidate } = proof;
        let shown = sign_in::ShownToken { agent, mechanism: mechanism.name(), channel, hash, count, invalidate };
        let answer = sign_in::authenticate_by_fast_token(&self.endpoint.app, username, shown).await;
        self.let_in(answer).map(|accepted| (accepted.hash, accepted.is_due))
    }

    /// Whoever gets none goes on without.
    pub(super) async fn make_token(&mut self, agent: &str, mechanism: TokenMechanism) -> Option<Token> {
        let caller = self.caller.as_ref()?;
        match sign_in::make_fast_token(&self.endpoint.app, caller, agent, mechanism.name()).await {
            Ok(made) => Some(Token { token: made.token, expiry: iso8601(made.expires_ms) }),
            Err(failure) => {
                tracing::error!(%failure, "a token could not be made");
                None
            }
        }
    }

    fn let_in<A>(&mut self, answer: Result<(Caller, A), AppError>) -> Result<A, AuthenticationRefusal> {
        match answer {
            Ok((caller, told)) => {
                self.endpoint.counters.signed_in.one();
                self.caller = Some(caller);
                if let Some(visitor) = &self.visitor {
                    visitor.signed_in();
                }
                Ok(told)
            }
            Err(AppError::Unauthenticated(Unauthenticated::Expired)) => Err(AuthenticationRefusal::Expired),
            Err(AppError::Unauthenticated(_)) => {
                self.endpoint.counters.refused.one();
                Err(AuthenticationRefusal::NotAuthorized)
            }
            Err(failure) => {
                tracing::error!(%failure, "a stream could not be authenticated");
                Err(AuthenticationRefusal::TemporaryFailure)
            }
        }
    }

    pub(super) fn bind(
        &mut self,
        resource: Option<String>,
        prefix: Option<String>,
        copies: bool,
    ) -> Result<FullJid, BindRefusal> {
        let app: &Arc<App> = &self.endpoint.app;
        let caller = self.caller.clone().ok_or(BindRefusal::InternalServerError)?;
        let resource = resource.unwrap_or_else(|| prefixed(prefix.as_deref(), &self.endpoint.random_name()));
        let at = Addresses::new(&self.endpoint.rainbow.domain);
        let jid = FullJid::parse(&at.full(&caller.user, &resource)).map_err(|_| BindRefusal::InternalServerError)?;
        let Binding { device, pushes, ended } =
            app.live().bind(&caller, &resource).map_err(|refused| match refused {
                BindRefused::TooManyDevices => BindRefusal::ResourceConstraint,
                BindRefused::Stopping => BindRefusal::InternalServerError,
            })?;
        app.live().set_carbons(&device, copies);
        let stanza_bytes_max = self.endpoint.transport.message_limit_bytes;
        let session = Session { app: Arc::clone(app), caller, device, at, stanza_bytes_max };
        self.bound = Some(Bound { session, pushes, ended, held: Held::default(), later: None });
        // At once: from here on the end of the session is pushed, but it may have ended since the secret was checked.
        self.next_check = Some(Instant::now());
        Ok(jid)
    }
}

pub(super) async fn find_salt(endpoint: &Endpoint, username: &str) -> Salt {
    let sign_in::Salt { salt, iterations } = sign_in::application_salt(&endpoint.app, username).await;
    Salt { salt, iterations, nonce: endpoint.nonce() }
}
