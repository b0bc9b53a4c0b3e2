import type { Chat, MessageEntity, User } from 'grammy/types';
import type { TapAnswer } from './world/callback-queries.ts';
import type { MediaKind } from './world/file-store.ts';
import type { ChatMessage } from './world/world.ts';

/** Whatever has the id of a chat: a `Group`, a person's `privateChat`, a `Chat` from a message. */
export type ChatRef = { id: number };
export type MessageRef = { chat: ChatRef; message_id: number };

export type NewPerson = Pick<User, 'first_name'> &
  Partial<Pick<User, 'last_name' | 'username' | 'language_code' | 'id'>>;

export type MediaToSend = {
  kind: MediaKind;
  bytes: Uint8Array;
  fileName?: string;
  mimeType?: string;
  caption?: string;
  replyTo?: MessageRef;
  mediaGroupId?: string;
  width?: number;
  height?: number;
  duration?: number;
};

export type AlbumFile = Omit<MediaToSend, 'caption' | 'replyTo' | 'mediaGroupId'>;

/** Somebody with a Telegram account, and what they can do. Every action throws when Telegram would not offer it. */
export type Person = {
  readonly id: number;
  readonly user: User;
  /** The chat with the bot; its id is the person's. */
  readonly privateChat: Chat.PrivateChat;
  /**
   * Types a text. Commands, mentions and addresses become entities; `entities` adds formatting. `topicId`: in that topic of
   * a forum, whatever topics there are.
   */
  send(
    chat: ChatRef,
    text: string,
    options?: { replyTo?: MessageRef; entities?: MessageEntity[]; topicId?: number },
  ): ChatMessage;
  sendMedia(chat: ChatRef, media: MediaToSend): ChatMessage;
  /** 2-10 files as one album: a message each, the caption on the first, all in reply to the same one. */
  sendAlbum(
    chat: ChatRef,
    files: readonly AlbumFile[],
    options?: { caption?: string; replyTo?: MessageRef },
  ): ChatMessage[];
  /** Changes the text of an own message, or the caption of an own file. */
  edit(message: MessageRef, text: string): ChatMessage;
  /**
   * Taps a button that the message shows now: by label, else by a part of the label, else by callback data.
   * Resolves with the bot's answer, or 'expired' after 150 s of the simulator's clock.
   */
  press(message: MessageRef, labelOrData: string): Promise<TapAnswer | 'expired'>;
  /** Sends callback data that no button need have: forged, foreign, or from a message that is gone. */
  tap(
    chat: ChatRef,
    data: string,
    options?: { messageId?: number; inaccessible?: boolean },
  ): Promise<TapAnswer | 'expired'>;
  /** Forwards a message with its inline keyboard. */
  forward(message: MessageRef, toChat: ChatRef): ChatMessage;
  /** Sets the person's reaction; '' takes it back. */
  react(message: MessageRef, emoji: string): void;
  /** Deletes an own message; as an administrator of the group, or in private, anybody's. */
  delete(message: MessageRef): void;
};

export type Group = { readonly id: number; readonly title: string; readonly type: 'group' | 'supergroup' };
export type NewGroupOptions = {
  title: string;
  type?: 'group' | 'supergroup';
  members: readonly Person[];
  administrators?: readonly Person[];
  botIsMember?: boolean;
  botIsAdministrator?: boolean;
  addedBy?: Person;
  id?: number;
};
