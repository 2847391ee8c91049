"""Making a build: begin or carry on, chunk by chunk, each written only while the lease is ours."""

from __future__ import annotations

import dataclasses
import hashlib
import time
from collections import defaultdict
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from recommendations.conf import recommendation_settings
from recommendations.models import Build
from recommendations.selectors.builds import published_build, running_build
from recommendations.services.builds.versions import code_version
from recommendations.services.bulk import Rows, insert_rows
from recommendations.services.lease import RENEWALS_PER_LEASE, Lease, held, kept_alive
from recommendations.services.recipes import Prepared, Progress, Recipe

RESUME_WITHIN = timedelta(hours=12)
"""An interrupted build that is older says too little about today to be worth carrying on."""


@dataclasses.dataclass(slots=True)
class Run:
    """One builder at work on one build."""

    recipe: Recipe
    lease: Lease
    progress: Progress
    by: str = ""
    seconds: dict[str, float] = dataclasses.field(default_factory=lambda: defaultdict(float))
    renew_at: float = 0.0

    def make(self) -> Build:
        """Begin a build or carry on an interrupted one, up to the finished candidate."""
        build = self._interrupted() or self._begin()
        prepared = self._prepare(build)
        if build.input_fingerprint not in ("", prepared.fingerprint):
            self._abandon(build, "The orders changed while the build was interrupted.")
            build = self._begin()
            prepared = self._prepare(build)
        if not build.input_fingerprint:
            self._write_head(build, prepared)
        while build.done_items < build.total_items:
            self._write_chunk(build, prepared)
        self._finish(build, prepared)
        return build

    # -- begin -------------------------------------------------------------------------------

    def _interrupted(self) -> Build | None:
        build = running_build(self.recipe.kind)
        if build is None:
            return None
        if (
            build.parameters != self.recipe.parameters()
            or build.code_version != code_version()
            or build.as_of < timezone.now() - RESUME_WITHIN
        ):
            self._abandon(
                build, "Interrupted, and too old or made with other settings to carry on."
            )
            return None
        with held(self.lease):
            Build.objects.filter(pk=build.pk).update(
                fence=self.lease.fence, resumed=F("resumed") + 1, heartbeat_at=timezone.now()
            )
        build.refresh_from_db()
        return build

    def _begin(self) -> Build:
        now = timezone.now()
        with held(self.lease):
            return Build.objects.create(
                kind=self.recipe.kind,
                parameters=self.recipe.parameters(),
                code_version=code_version(),
                as_of=now,
                fence=self.lease.fence,
                requested_by=self.by[:200],
                started_at=now,
                heartbeat_at=now,
            )

    def _abandon(self, build: Build, reason: str) -> None:
        with held(self.lease):
            Build.objects.filter(pk=build.pk).update(
                status=Build.Status.FAILED, error=reason, finished_at=timezone.now()
            )

    # -- input -------------------------------------------------------------------------------

    def _prepare(self, build: Build) -> Prepared:
        self._enter(build, "read")
        begun = time.monotonic()
        with kept_alive(self.lease):
            prepared = self.recipe.prepare(as_of=build.as_of, progress=self.sign_of_life)
        self.seconds["read"] += time.monotonic() - begun
        return prepared

    def sign_of_life(self, phase: str, done: int, total: int) -> None:
        """Pass progress on, and renew the lease in time: a long step must not lose it."""
        self.progress(phase, done, total)
        now = time.monotonic()
        if now > self.renew_at:
            self.renew_at = now + recommendation_settings().lease_seconds / RENEWALS_PER_LEASE
            with held(self.lease):
                pass

    def _write_head(self, build: Build, prepared: Prepared) -> None:
        self._write(
            build,
            prepared.head(build),
            input_fingerprint=prepared.fingerprint,
            input_counts=prepared.counts,
            total_items=prepared.n_chunked,
            phase="product",
        )

    # -- chunks ------------------------------------------------------------------------------

    def _write_chunk(self, build: Build, prepared: Prepared) -> None:
        start = build.done_items
        stop = min(start + recommendation_settings().block_items, build.total_items)
        begun = time.monotonic()
        with kept_alive(self.lease):
            chunk = prepared.chunk(build, start, stop)
        computed = time.monotonic()
        digest = hashlib.blake2b(build.digest.encode() + chunk.digest, digest_size=16).hexdigest()
        self._write(
            build,
            chunk.tables,
            done_items=stop,
            digest=digest,
            lines_per_second=self._lines_per_second(prepared, stop, build.total_items),
        )
        self.seconds["product"] += computed - begun
        self.seconds["write"] += time.monotonic() - computed
        self.progress("product", stop, build.total_items)

    def _lines_per_second(self, prepared: Prepared, done: int, total: int) -> float:
        elapsed = sum(self.seconds.values()) or 1e-9
        return prepared.n_lines * (done / max(total, 1)) / elapsed

    def _write(self, build: Build, rows: Rows | tuple[Rows, ...] = (), **changes: Any) -> None:
        with held(self.lease):
            for table in (rows,) if isinstance(rows, Rows) else rows:
                insert_rows(table)
            changes["heartbeat_at"] = timezone.now()
            Build.objects.filter(pk=build.pk).update(**changes)
        for name, value in changes.items():
            setattr(build, name, value)

    def _enter(self, build: Build, phase: str) -> None:
        with held(self.lease):
            Build.objects.filter(pk=build.pk).update(phase=phase, heartbeat_at=timezone.now())
        build.phase = phase
        self.progress(phase, 0, 0)

    # -- end ---------------------------------------------------------------------------------

    def _finish(self, build: Build, prepared: Prepared) -> None:
        self._enter(build, "gate")
        begun = time.monotonic()
        with kept_alive(self.lease):
            build.metrics, verdict = prepared.judge(build, published_build(build.kind))
        self.seconds["gate"] += time.monotonic() - begun
        build.metrics["seconds"] = {name: round(span, 3) for name, span in self.seconds.items()}
        build.verdict = verdict_as_json(verdict)
        status = Build.Status.CANDIDATE if verdict.accepted else Build.Status.REJECTED
        self._write(
            build,
            status=status,
            metrics=build.metrics,
            verdict=build.verdict,
            phase="",
            finished_at=timezone.now(),
        )


def verdict_as_json(verdict: Any) -> dict[str, Any]:
    """Return a verdict as the build stores it: codes and figures, worded where it is shown."""
    return {
        "accepted": verdict.accepted,
        "reasons": [
            {"code": reason.code, "parameters": dict(reason.parameters)}
            for reason in verdict.reasons
        ],
    }
