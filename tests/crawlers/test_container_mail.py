"""Messages in mailboxes, and attachments of messages."""

import base64
import io
import mailbox
import os
from collections.abc import Callable, Iterable
from email.message import EmailMessage
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.containers import Limits, Member, Refused, mbox, unpack
from crawlers.containers import message as message_reader
from tests.crawlers.unpacked_files import Seen, look_into, written

SEPARATOR = b"From a@example.org Mon Jan 01 10:00:00 2024\n"
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 50


def message(number: int = 1, **attachments: bytes) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.org", "b@example.org", f"Delivery {number}"
    mail["Date"], mail["Message-ID"] = "Mon, 01 Jan 2024 10:00:00 +0000", f"<{number}@example.org>"
    mail.set_content(f"The text of message {number}.\n")
    for name, content in attachments.items():
        mail.add_attachment(content, "application", "pdf", filename=f"{name}.pdf")
    return mail


def box_of(*messages: bytes) -> bytes:
    return b"".join(SEPARATOR + each + b"\n" for each in messages)


@pytest.fixture
def look(tmp_path: Path) -> Callable[..., Seen]:
    return lambda content: look_into(written(tmp_path, "mail", content))


class Trickle(io.BytesIO):
    """A file that gives only so many bytes at a time."""

    def __init__(self, content: bytes, step: int) -> None:
        super().__init__(content)
        self.step = step

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(self.step)


def pieces(read: Callable[[BinaryIO], Iterable[Member | Refused]], file: BinaryIO) -> list[tuple[str, bytes]]:
    return [(piece.name, b"".join(piece.chunks)) for piece in read(file) if isinstance(piece, Member)]


lines = st.sampled_from((
    b"From a 10:00\n", b"From: x\n", b">From b\n", b"Message-ID: <1@x>\r\n", b"\n", b"\r\n", b"text", b"From",
    b"--x\n", b"--x--\r\n", b"--x-\n", b"=\n", b"=C3=9F", b"Content-Type: image/png\n", b"aGVsbG8=", b"\n--",
))  # fmt: skip


@given(st.lists(lines, max_size=30).map(b"".join), st.integers(1, 100), st.integers(1, 5000))
@settings(deadline=None)
def test_mail_is_read_the_same_in_pieces_of_any_size(text: bytes, times: int, step: int) -> None:
    text *= times
    box = SEPARATOR + b"From: a\n" + text
    assert pieces(mbox.members, Trickle(box, step)) == pieces(mbox.members, io.BytesIO(box))
    for encoding in (b"base64", b"quoted-printable", b"8bit"):
        mail = b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: image/png\n"
        mail += b"Content-Transfer-Encoding: " + encoding + b"\n\n" + text + b"\n--x--\n"
        try:
            whole = pieces(message_reader.members, io.BytesIO(mail))
        except ValueError:
            continue
        assert pieces(message_reader.members, Trickle(mail, step)) == whole


# ---- mailboxes


def test_a_mailbox_gives_its_messages_named_after_their_ids(look: Callable[..., Seen]) -> None:
    first, second = bytes(message(1)), bytes(message(2, a=PDF))
    assert look(box_of(first, second)) == Seen({"1@example.org.eml": first, "2@example.org.eml": second})


def test_a_mailbox_of_another_program_gives_what_was_put_in(tmp_path: Path) -> None:
    path = tmp_path / "box"
    box = mailbox.mbox(path)
    texts = [bytes(message(number)) for number in range(3)]
    for text in texts:
        box.add(text)
    box.close()
    assert list(look_into(path).contents.values()) == texts
    found = unpack(path, "box", Limits())
    assert found
    assert found.is_pack
    found.close()


def test_names_and_contents_stay_when_messages_come_and_go(look: Callable[..., Seen]) -> None:
    texts = [bytes(message(number)) for number in range(4)]
    nameless = texts[3].replace(b"Message-ID", b"X-No-ID")
    before = look(box_of(texts[0], texts[1], nameless)).contents
    after = look(box_of(texts[1], nameless, texts[2])).contents
    assert len(before) == len(after) == 3
    assert {name: after[name] for name in before.keys() & after.keys()} == {
        name: text for name, text in before.items() if name != "0@example.org.eml"
    }


def test_the_last_message_is_the_same_with_and_without_a_blank_line_after_it(look: Callable[..., Seen]) -> None:
    box = box_of(bytes(message(1)))
    assert look(box) == look(box[:-1])


def test_messages_with_the_same_id_get_numbers(look: Callable[..., Seen]) -> None:
    assert list(look(box_of(*[bytes(message(1))] * 3)).contents) == [
        "1@example.org.eml",
        "1@example.org (2).eml",
        "1@example.org (3).eml",
    ]


def test_ids_become_safe_names(look: Callable[..., Seen]) -> None:
    text = bytes(message(1))
    ids = [b"<../../a/b@x>", b"\n <folded@x>", b"<%s@x>" % (b"a" * 500), b"<\xff@x>"]
    names = list(look(box_of(*(text.replace(b" <1@example.org>", each) for each in ids))).contents)
    assert names[:2] == ["..%2F..%2Fa%2Fb@x.eml", "folded@x.eml"]
    assert len(names[2]) == 24
    empty = text.replace(b" <1@example.org>", b"")
    assert len(next(iter(look(box_of(empty)).contents))) == 24  # not the next field
    assert names[3] == "%FF@x.eml"


def test_lines_that_look_like_a_separator_stay_in_their_message(look: Callable[..., Seen]) -> None:
    body = b"Hello,\n\nFrom Monday on we deliver at 10:30.\n\n>From now on.\n>>From then.\n"
    head = b"From: a@example.org\nMessage-ID: <1@x>\n\n"
    (content,) = look(box_of(head + body)).contents.values()
    assert content == head + body.replace(b">From now", b"From now").replace(b">>From", b">From")


def test_what_mail_programs_write_into_messages_is_left_out(look: Callable[..., Seen]) -> None:
    text = b"From: a@example.org\nMessage-ID: <1@x>\n\nStatus: as it was\n"
    read = b"X-Mozilla-Status: 0001\nX-Mozilla-Status2: 00000000\nX-Mozilla-Keys: work\n      home\nStatus: RO\n" + text
    assert look(box_of(read)) == look(box_of(text)) == Seen({"1@x.eml": text})


def test_messages_that_are_deleted_and_not_yet_removed_are_left_out(look: Callable[..., Seen]) -> None:
    gone = b"X-Mozilla-Status: 0009\nMessage-ID: <1@x>\n\nFrom here on: gone\n"
    kept = b"X-Mozilla-Status: 0001\nMessage-ID: <2@x>\n\nkept\n"
    assert list(look(box_of(gone, kept)).contents) == ["2@x.eml"]


@pytest.mark.parametrize(
    "separator",
    [b"From \n", b"From -\n", b"From - Mon Jan 01 10:00:00 2024\r\n", b"From 17@xxx Mon Jan 1 10:00 2024\n"],
)
def test_separators_of_other_programs_are_known(look: Callable[..., Seen], separator: bytes) -> None:
    each = b"From: a@example.org\nSubject: x\nMessage-ID: <%d@x>\n\ntext\n"
    assert len(look(separator + each % 1 + b"\n" + separator + each % 2).contents) == 2


def test_a_line_of_any_length_is_kept(look: Callable[..., Seen]) -> None:
    text = b"From: a@example.org\nMessage-ID: <1@x>\n\n" + b"From x 10:30" * 50_000 + b"\n"
    assert look(box_of(text)) == Seen({"1@x.eml": text})


# ---- attachments


def test_a_message_gives_its_attachments_and_is_no_pack(tmp_path: Path) -> None:
    file = written(tmp_path, "x.eml", bytes(message(1, a=PDF, b=b"x")))
    assert look_into(file) == Seen({"a.pdf": PDF, "b.pdf": b"x"})
    found = unpack(file, "x.eml", Limits())
    assert found
    assert not found.is_pack
    found.close()


def test_a_message_without_attachments_is_no_container(tmp_path: Path) -> None:
    both = message(1)
    both.add_alternative("<p>The same</p>", "html")
    signed = MIMEMultipart("signed", _subparts=[MIMEApplication(b"x", "pgp-signature", name="signature.asc")])
    signed["From"], signed["Date"] = "a@example.org", "today"
    for each in (message(1), both, signed):
        assert unpack(written(tmp_path, "x.eml", bytes(each)), "x.eml", Limits()) is None


def test_a_long_head_does_not_hide_attachments(look: Callable[..., Seen]) -> None:
    head = b"".join(b"Received: from host%d by host%d\n\t; today\n" % (n, n) for n in range(1000))
    assert look(head + bytes(message(1, a=PDF))) == Seen({"a.pdf": PDF})


def test_a_forwarded_message_is_an_attachment_that_has_attachments(tmp_path: Path) -> None:
    outer = message(2)
    outer.add_attachment(message(1, a=PDF))
    ((name, content),) = look_into(written(tmp_path, "x.eml", bytes(outer))).contents.items()
    assert name == "part-2.eml"
    assert look_into(written(tmp_path, "y.eml", content)) == Seen({"a.pdf": PDF})


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "7bit", "8bit", "binary"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_every_encoding_gives_back_the_bytes(look: Callable[..., Seen], encoding: str, end: bytes) -> None:
    content = "Größe = 10 €\n\nEnde ohne Zeilenende".encode() if encoding != "7bit" else b"a = 1\n\n--xy\nend"
    content = content.replace(b"\n", end)
    written_as = {
        "base64": lambda: base64.encodebytes(content).replace(b"\n", end),
        "quoted-printable": lambda: quoted(content, end),
    }.get(encoding, lambda: content)()
    head = b"From: a\nDate: b\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nHi\n--x\n"
    part = b"Content-Disposition: attachment; filename=a.txt\nContent-Transfer-Encoding: " + encoding.encode() + b"\n\n"
    assert look((head + part).replace(b"\n", end) + written_as + end + b"--x--" + end) == Seen({"a.txt": content})


def quoted(content: bytes, end: bytes) -> bytes:
    lines = content.split(end)
    escaped = [
        b"".join(b"=%02X" % byte if byte > 126 or byte == 61 else bytes([byte]) for byte in line) for line in lines
    ]
    return end.join(line.replace(b" ", b" =" + end, 1) for line in escaped)


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ('filename="plain name.pdf"', "plain name.pdf"),
        ("filename*=utf-8''Pr%C3%BCfbericht%20%E2%82%AC.pdf", "Prüfbericht €.pdf"),
        ("filename*0*=iso-8859-1''Pr%FCf; filename*1=bericht.pdf", "Prüfbericht.pdf"),
        ('filename="=?utf-8?B?UHLDvGZiZXJpY2h0LnBkZg==?="', "Prüfbericht.pdf"),
        ('filename="=?iso-8859-1?Q?Pr=FCf?=\n =?iso-8859-1?Q?bericht.pdf?="', "Prüfbericht.pdf"),
        ('filename="=?no-such-charset?Q?x?="', "=?no-such-charset?Q?x?="),
        ('filename="Prüfbericht.pdf"', "Prüfbericht.pdf"),
        ('filename="C:\\\\Users\\\\me\\\\report.pdf"', "report.pdf"),
        ('filename="../../etc/passwd"', "passwd"),
        ('filename=".."', "part-2.pdf"),
        ("", "part-2.pdf"),
    ],
)
def test_file_names_are_decoded_and_made_safe(look: Callable[..., Seen], field: str, name: str) -> None:
    head = (
        "From: a\nDate: b\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nHi\n--x\nContent-Type: application/pdf\n"
    )
    text = f"{head}Content-Disposition: attachment; {field}\n\nx\n--x--\n"
    assert look(text.encode()) == Seen({name: b"x"})
    if name == "Prüfbericht.pdf":
        assert look(text.encode("latin-1")) == Seen({name: b"x"})


def test_parts_in_parts_come_in_order(look: Callable[..., Seen]) -> None:
    inner = message(1, a=b"1", b=b"2")
    outer = MIMEMultipart("mixed", _subparts=[inner, MIMEApplication(b"3", "pdf", name="a.pdf")])
    outer["From"], outer["Date"] = "a@example.org", "today"
    assert look(bytes(outer)) == Seen({"a.pdf": b"1", "b.pdf": b"2", "a (2).pdf": b"3"})


def test_what_is_encrypted_or_strangely_encoded_is_refused(look: Callable[..., Seen]) -> None:
    sealed = MIMEMultipart("encrypted", _subparts=[
        MIMEApplication(b"Version: 1", "pgp-encrypted"), MIMEApplication(b"x", name="encrypted.asc"),
    ])  # fmt: skip
    sealed["From"], sealed["Date"] = "a@example.org", "today"
    assert list(look(bytes(sealed)).refused) == ["encrypted.asc"]
    smime = b"From: a\nDate: b\nContent-Type: application/pkcs7-mime; name=smime.p7m\n\nMIIB\n"
    assert "encrypted" in look(smime).refused["smime.p7m"]
    strange = bytes(message(1, a=PDF)).replace(b"Encoding: base64", b"Encoding: x-uuencode")
    assert look(strange).refused == {"a.pdf": "its transfer encoding 'x-uuencode' is not supported"}


def test_a_message_that_is_cut_off_gives_what_is_whole(look: Callable[..., Seen]) -> None:
    whole = bytes(message(1, a=b"first", b=os.urandom(10_000)))
    seen = look(whole[:-2000])
    assert seen.contents == {"a.pdf": b"first"}
    assert seen.broken == {"b.pdf": "it is cut off: the message ends within it"}


def test_parts_that_are_nested_without_end_are_refused(look: Callable[..., Seen]) -> None:
    head = b"From: a\nDate: b\n"
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=x%d\n\n--x%d\n" % (n, n) for n in range(1000))
    seen = look(head + deep + b"Content-Type: image/png\n\nx")
    assert (seen.refused, seen.rest) == ({"": "its parts are nested too deeply"}, True)
