"""The draws of a person: the same in every run, independent of each other, exact as shares."""

from sandbox.people import Ask, draw, fraction, yes


def test_a_person_is_drawn_alike_in_every_run() -> None:
    assert draw(7, "525555500001") == draw(7, "525555500001")
    assert draw(7, "525555500001") != draw(8, "525555500001")
    # A fixed value, so that a change of the hash is noticed: samples and reports name who is in which share.
    assert draw(1, "525555500001")[:3] == (62751, 5804, 56401)


def test_every_question_has_a_draw_of_its_own() -> None:
    assert len(draw(1, "x")) >= len(Ask)
    assert len({ask.value for ask in Ask}) == len(Ask)


def test_a_share_is_that_share_of_people() -> None:
    people = [draw(3, f"5255555{number:05d}") for number in range(20_000)]
    for share in (0.01, 0.2, 0.7):
        taken = sum(yes(draws, Ask.READ, share) for draws in people) / len(people)
        assert abs(taken - share) < 0.012
    assert not any(yes(draws, Ask.READ, 0.0) for draws in people)
    assert all(yes(draws, Ask.READ, 1.0) for draws in people)


def test_two_questions_are_answered_independently() -> None:
    people = [draw(3, f"5255555{number:05d}") for number in range(20_000)]
    both = sum(yes(d, Ask.READ, 0.5) and yes(d, Ask.DELIVERED, 0.5) for d in people) / len(people)
    assert abs(both - 0.25) < 0.012


def test_a_fraction_is_below_one() -> None:
    assert all(0 <= fraction(draw(1, str(number)), Ask.PACE) < 1 for number in range(1000))
