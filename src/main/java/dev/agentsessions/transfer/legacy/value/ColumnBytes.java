package dev.agentsessions.transfer.legacy.value;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * A text of a row as bytes in UTF-8, fetched in pieces: it may be larger than the memory.
 */
public final class ColumnBytes extends InputStream {

	private static final int PIECE = 2 << 20;

	/** Gets a key, where to start, counted from 1, and how many bytes. */
	private final PreparedStatement statement;

	private final Object key;

	private InputStream piece = InputStream.nullInputStream();

	private long offset = 1;

	private boolean last;

	public ColumnBytes(PreparedStatement statement, Object key) {
		this.statement = statement;
		this.key = key;
	}

	@Override
	public int read() throws IOException {
		int read = this.piece.read();
		while (read < 0 && !this.last) {
			fetch();
			read = this.piece.read();
		}
		return read;
	}

	@Override
	public int read(byte[] bytes, int from, int length) throws IOException {
		int read = this.piece.read(bytes, from, length);
		while (read < 0 && !this.last) {
			fetch();
			read = this.piece.read(bytes, from, length);
		}
		return read;
	}

	private void fetch() throws IOException {
		try {
			this.statement.setLong(1, this.offset);
			this.statement.setInt(2, PIECE);
			this.statement.setObject(3, this.key);
			try (ResultSet row = this.statement.executeQuery()) {
				byte[] bytes = row.next() ? row.getBytes(1) : null;
				int length = (bytes != null) ? bytes.length : 0;
				this.last = length < PIECE;
				this.offset += length;
				this.piece = new ByteArrayInputStream((bytes != null) ? bytes : new byte[0]);
			}
		}
		catch (SQLException ex) {
			throw new IOException(ex);
		}
	}

}
