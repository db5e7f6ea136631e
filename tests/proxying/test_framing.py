"""Where messages begin and end, in pieces of any size."""

from itertools import pairwise

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleeptalk_contract.proxying.conversation import Conversation
from sleeptalk_contract.proxying.feed import What
from sleeptalk_contract.proxying.framing import Kind, Messages

MESSAGES = [
    b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n",
    b"POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
    b"PUT /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 1\r\n\r\n",
]
ANSWERS = [
    b"HTTP/1.1 204 No Content\r\nX: 1\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwell\r\n0\r\n\r\n",
]


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    """Cut bytes at some places."""
    places = [0, *sorted({each % (len(data) + 1) for each in cuts}), len(data)]
    return [data[start:end] for start, end in pairwise(places)]


@given(st.lists(st.integers(min_value=0, max_value=2000)), st.lists(st.sampled_from(MESSAGES), max_size=4))
def test_the_pieces_are_the_bytes_and_the_bodies_those_of_h11(cuts: list[int], sent: list[bytes]) -> None:
    data = b"".join(sent)
    parser = Messages()
    pieces = [piece for part in split(data, cuts) for piece in parser.feed(part)]
    assert b"".join(piece.raw for piece in pieces) == data
    bodies, payload = [], b""
    for piece in pieces:
        payload += piece.payload
        if piece.kind is Kind.END:
            bodies.append(payload)
            payload = b""
    assert bodies == [_body_by_h11(each) for each in sent]
    assert parser.is_between


def _body_by_h11(request: bytes) -> bytes:
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(request)
    body = b""
    while type(event := connection.next_event()) is not h11.EndOfMessage:
        body += bytes(event.data) if isinstance(event, h11.Data) else b""
    return body


@given(st.lists(st.integers(min_value=0, max_value=2000)))
def test_a_conversation_gives_each_request_its_answer(cuts: list[int]) -> None:
    conversation = Conversation("http://h")
    found = []
    for part in split(b"".join(MESSAGES), cuts):  # all of them before the first answer
        found += list(conversation.take(What.REQUEST, 1.0, part))
    for part in split(b"".join(ANSWERS), cuts):
        found += list(conversation.take(What.RESPONSE, 2.5, part))
    told = [(each.request.method, each.request.body, each.response) for each in found if each.request is not None]
    assert [(method, body, answer and (answer.status, answer.body)) for method, body, answer in told] == [
        ("GET", None, (204, "")),
        ("POST", "hello", (200, "yes")),
        ("PUT", "abcde", (200, "well")),
    ]
    assert {each.seconds for each in found} == {1.5}


@pytest.mark.parametrize(
    ("answer", "closed", "seen"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", What.UPSTREAM_CLOSED, "ended after 4 of 9 bytes"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nha", What.UPSTREAM_CLOSED, "ended after 2 bytes"),
        (b"HTTP/1.0 200 OK\r\n\r\nall of it", What.UPSTREAM_CLOSED, ""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", What.CLIENT_CLOSED, None),
        (b"HTTP/1.0 200 OK\r\n\r\nall of it?", What.UPSTREAM_FAILED, "ended after 10 bytes"),
        (b"", What.UPSTREAM_CLOSED, None),
    ],
)
def test_what_ends_with_its_connection_is_whole_cut_short_or_no_answer(
    answer: bytes, closed: What, seen: str | None
) -> None:
    conversation = Conversation("http://h")
    assert list(conversation.take(What.REQUEST, 1.0, MESSAGES[0])) == []
    assert list(conversation.take(What.RESPONSE, 1.0, answer)) == []
    (found,) = conversation.take(closed, 1.0, b"")
    assert (None if found.response is None else found.response.ended_early) == seen


def test_an_answer_that_comes_before_the_whole_request_says_nothing_of_its_body() -> None:
    conversation = Conversation("http://h")
    assert list(conversation.take(What.REQUEST, 1.0, MESSAGES[1][:-2])) == []
    (early,) = conversation.take(What.RESPONSE, 1.0, ANSWERS[0])
    assert list(conversation.take(What.REQUEST, 1.0, MESSAGES[1][-2:] + MESSAGES[1])) == []
    (late,) = conversation.take(What.RESPONSE, 1.0, ANSWERS[0])
    assert early.request is not None
    assert late.request is not None
    assert (early.request.body, late.request.body) == (None, "hello")


def test_another_protocol_after_an_upgrade_is_not_judged() -> None:
    conversation = Conversation("http://h")
    assert list(conversation.take(What.REQUEST, 1.0, MESSAGES[0])) == []
    (found,) = conversation.take(What.RESPONSE, 1.0, b"HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x02hi")
    assert (found.response, list(conversation.take(What.UPSTREAM_CLOSED, 1.0, b""))) == (None, [])


def test_an_address_in_a_query_is_not_that_of_the_server() -> None:
    conversation = Conversation("http://h/base")
    list(conversation.take(What.REQUEST, 1.0, b"GET /a?to=http://b HTTP/1.1\r\nHost: h\r\n\r\n"))
    (found,) = conversation.take(What.RESPONSE, 1.0, ANSWERS[0])
    assert found.request is not None
    assert found.request.url == "http://h/base/a?to=http://b"


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/2.0\r\n\r\n",
        b"GET / HTTP/1.1\r\nno header\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx",
        b"POST / HTTP/1.1\r\ntransfer-encoding: gzip\r\n\r\nxx",
        b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"CONNECT h:1 HTTP/1.1\r\n\r\n",
        b"x" * 300_000,
    ],
)
def test_what_is_not_understood_passes_as_it_is(sent: bytes) -> None:
    pieces = list(Messages().feed(sent))
    assert pieces[-1].kind is Kind.BLIND
    assert b"".join(piece.raw for piece in pieces) == sent
