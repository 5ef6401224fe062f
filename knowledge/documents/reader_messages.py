"""Messages between us and the process that reads files: one JSON object a line, so that nothing it says can run here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from knowledge.documents.blocks import Block, Source
from knowledge.documents.positions import Counted, Position
from knowledge.documents.printed_tables import PrintedTable


def source_record(source: Source) -> dict[str, Any]:
    return {
        "blocks": [_block_record(block) for block in source.blocks],
        "properties": dict(source.properties),
        "head_ends_at": source.head_ends_at,
        "remarks": list(source.remarks),
    }


def source_from(record: Mapping[str, Any]) -> Source:
    """Raises KeyError, TypeError or ValueError for a record that source_record did not make."""
    blocks = tuple(_block_from(block) for block in record["blocks"])
    properties = {str(key): str(value) for key, value in record["properties"].items()}
    head = record["head_ends_at"]
    return Source(blocks, properties, None if head is None else int(head), tuple(map(str, record["remarks"])))


def _block_record(block: Block) -> dict[str, Any]:
    record: dict[str, Any] = {"text": block.text, "at": [[p.counted, p.first, p.last, p.inside] for p in block.positions]}
    if block.heading_level is not None:
        record["level"] = block.heading_level
    if block.bold:
        record["bold"] = True
    if block.confidence is not None:
        record["confidence"] = block.confidence
    if block.table is not None:
        table = block.table
        record["table"] = {"rows": table.rows, "header_rows": table.header_rows, "title": table.title, "unit": table.unit}
    return record


def _block_from(record: Mapping[str, Any]) -> Block:
    level, confidence, table = record.get("level"), record.get("confidence"), record.get("table")
    return Block(
        str(record["text"]),
        None if level is None else int(level),
        None if table is None else _table_from(table),
        bool(record.get("bold", False)),
        tuple(Position(Counted(counted), int(first), int(last), str(inside)) for counted, first, last, inside in record["at"]),
        None if confidence is None else float(confidence),
    )


def _table_from(record: Mapping[str, Any]) -> PrintedTable:
    rows = tuple(tuple(map(str, row)) for row in record["rows"])
    return PrintedTable(rows, int(record["header_rows"]), str(record["title"]), str(record["unit"]))
