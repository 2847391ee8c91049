"""The kind *together*: which items share a basket, from distinct customers' orders."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
from django.db.models import Model

from recommendations.conf import RecommendationSettings, recommendation_settings
from recommendations.datasets.orders import read_order_history
from recommendations.engine.history import OrderHistory
from recommendations.engine.matrices import BasketMatrix, basket_matrix
from recommendations.engine.neighbours import NeighbourLists, neighbours
from recommendations.engine.packing import pack_many
from recommendations.models import Build, Kind, NeighbourList
from recommendations.services.recipes import Chunk, Progress
