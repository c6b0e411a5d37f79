package dev.agentsessions.tail.event;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.agentsessions.paging.RowIds;
import dev.agentsessions.session.SessionState;

/**
 * How far a follower has come: everything up to there has been delivered.
 *
 * @param seq the last message
 * @param switchNo the last number of a switch
 * @param incarnation the session's row, 0 before the session exists
 * @param viewNo the last change of the view
 * @param gone whether the end of the session has been delivered as well; not part of what
 * a client sees
 */
public record Position(long seq, long switchNo, long incarnation, long viewNo, boolean gone) {

	/** Of a session that does not exist, or no longer. */
	public static final Position NONE = new Position(0, 0, 0, 0, true);

	/** At most 18 digits: no overflow, and no session has more. */
	private static final Pattern ID = Pattern.compile("(\\d{1,18})-(\\d{1,18})-(\\d{1,18})(?:-(\\d{1,18}))?");

	/** The end of a session as it is. */
	public static Position endOf(SessionState state) {
		return state.exists()
				? new Position(state.lastSeq(), state.lastSwitchNo(), state.id(), state.view().no(), state.deleted())
				: NONE;
	}

	/** A position as clients give it back; empty if it is none. */
	public static Optional<Position> parse(String id, RowIds rows) {
		Matcher matcher = ID.matcher(id);
		return matcher.matches() ? Optional
			.of(of(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)),
					rows.open(Long.parseLong(matcher.group(3))),
					(matcher.group(4) != null) ? Long.parseLong(matcher.group(4)) : 0))
			// where a session that is gone for good has ended
			.filter((position) -> position.incarnation() != 0 || id.equals(NONE.id(rows))) : Optional.empty();
	}

	public static Position of(long seq, long switchNo, long incarnation, long viewNo) {
		return (incarnation != 0) ? new Position(seq, switchNo, incarnation, viewNo, false) : NONE;
	}

	/**
	 * Where one starts that has this position in the state's session, or in an earlier
	 * one of the same name.
	 */
	public Position startIn(SessionState state) {
		if (this.incarnation == 0) {
			return new Position(state.firstSeq() - 1, 0, state.id(), 0, false);
		}
		return new Position(this.seq, this.switchNo, this.incarnation, this.viewNo, false);
	}

	/** Whether the log that this is a position in was replaced since. */
	boolean isReplacedIn(SessionState state) {
		return this.incarnation != state.id() || this.seq < state.firstSeq() - 1;
	}

	/** Whether this tells of more than the state does. */
	public boolean isAheadOf(SessionState state) {
		return this.incarnation == state.id() && (this.seq > state.lastSeq() || this.switchNo > state.lastSwitchNo()
				|| this.viewNo > state.view().no());
	}

	public Position withSeq(long seq) {
		return new Position(seq, this.switchNo, this.incarnation, this.viewNo, false);
	}

	Position withSwitchNo(long no) {
		return new Position(this.seq, no, this.incarnation, this.viewNo, false);
	}

	Position withViewNo(long no) {
		return new Position(this.seq, this.switchNo, this.incarnation, no, false);
	}

	Position asGone() {
		return new Position(this.seq, this.switchNo, this.incarnation, this.viewNo, true);
	}

	/** The form that clients get. */
	public String id(RowIds rows) {
		return this.seq + "-" + this.switchNo + "-" + rows.seal(this.incarnation)
				+ ((this.viewNo > 0) ? "-" + this.viewNo : "");
	}

}
