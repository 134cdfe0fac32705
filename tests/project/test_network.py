"""The guard that keeps tests on this machine."""

import socket
import threading

import pytest

from tests import network


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("10.0.0.1", 443), ("8.8.8.8", 53)])
def test_a_connection_off_the_machine_is_refused(address):
    with socket.socket() as connection, pytest.raises(network.ConnectionRefusedByTests):
        connection.connect(address)
    network.REFUSED.clear()


def test_a_datagram_off_the_machine_is_refused():
    with socket.socket(type=socket.SOCK_DGRAM) as sender, pytest.raises(network.ConnectionRefusedByTests):
        sender.sendto(b"", ("192.0.2.1", 53))
    network.REFUSED.clear()


@pytest.mark.parametrize("name", ["example.com", "localhost.example.com", b"example.com"])
def test_a_name_is_not_looked_up(name):
    with pytest.raises(network.ConnectionRefusedByTests):
        socket.getaddrinfo(name, 80)
    network.REFUSED.clear()


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "10.0.0.1", "2130706433", None])
def test_a_name_that_needs_no_look_up_is_let_through(name):
    assert socket.getaddrinfo(name, 80, type=socket.SOCK_STREAM)


def test_this_machine_can_be_reached():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()


def test_what_another_thread_tried_is_kept():
    def attempt():
        with socket.socket() as connection, pytest.raises(network.ConnectionRefusedByTests):
            connection.connect(("192.0.2.1", 80))

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()
    assert network.REFUSED == ["socket.connect: ('192.0.2.1', 80)"]
    network.REFUSED.clear()
